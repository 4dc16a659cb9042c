package dev.polywire.examples.livefeed;

import io.vertx.core.json.JsonObject;

/** This machine's metrics, several times a second. Looks at the hardware when it is created, which takes a while. */
final class MachineSource implements Source {
    private final int rate;
    private final Machine machine = new Machine();
    private final JsonObject about = machine.about();

    MachineSource(int rate) {
        this.rate = rate;
    }

    @Override
    public String channel() {
        return "metrics";
    }

    @Override
    public boolean isState() {
        return true;
    }

    @Override
    public JsonObject about() {
        return about.copy().put("kind", "machine").put("rate", rate);
    }

    @Override
    public void run(Sink sink) throws InterruptedException {
        Sampler sampler = new Sampler();
        Pace pace = Pace.perSecond(rate);
        pace.await();
        sampler.sample(machine.read());
        while (true) {
            pace.await();
            sink.put("sample", sampler.sample(machine.read()));
        }
    }
}
