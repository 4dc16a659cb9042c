package dev.polywire.conformance;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** One connection of a {@link ReferenceClient}, as a test looks at it. */
public final class Attached {
    final ClientDriver driver;
    final ClientMachine.Wire wire;
    volatile ClientDriver.@Nullable Link link;
    private volatile @Nullable JsonObject first;
    private volatile @Nullable JsonObject welcome;
    private volatile @Nullable JsonObject error;
    private volatile @Nullable JsonObject bye;
    private volatile ClientDriver.@Nullable End end;

    Attached(ClientDriver driver, ClientMachine.Wire wire) {
        this.driver = driver;
        this.wire = wire;
    }

    void frame(JsonObject frame) {
        if (first == null) {
            first = frame;
        }
        switch (frame.getString("type", "")) {
            case "welcome" -> welcome = frame;
            case "bye" -> bye = frame;
            case "error" -> {
                if (welcome == null) {
                    error = frame;
                }
            }
            default -> {}
        }
    }

    void ended(ClientDriver.End how) {
        end = how;
    }

    /**
     * Waits for {@code welcome}.
     *
     * @return the frame
     */
    public JsonObject welcome() {
        return Await.value("welcome on " + driver.name(), Await.DEADLINE, () -> {
            if (welcome == null && end != null) {
                throw new AssertionError("no welcome on " + driver.name() + ", but " + end + ", error " + error);
            }
            return welcome;
        });
    }

    /**
     * Tells whether {@code welcome} has come.
     *
     * @return without waiting
     */
    public boolean welcomed() {
        return welcome != null;
    }

    /**
     * Returns the very first frame.
     *
     * @return null before it
     */
    public @Nullable JsonObject first() {
        return first;
    }

    /**
     * Waits for the end of the connection.
     *
     * @return how it ended
     */
    public ClientDriver.End end() {
        return Await.value("end of a connection over " + driver.name(), Await.DEADLINE, () -> end);
    }

    /**
     * Tells whether it has ended.
     *
     * @return without waiting
     */
    public boolean over() {
        return end != null;
    }

    /**
     * Waits for the server's word about the end, whichever way the wire has for it.
     *
     * @return the {@code reason} of {@code bye}, or the {@code code} of the {@code error} or HTTP reply that refused
     */
    public String reason() {
        return Await.value("a reason on " + driver.name(), Await.DEADLINE, this::reasonNow);
    }

    /**
     * Returns the {@code bye} frame.
     *
     * @return null without one
     */
    public @Nullable JsonObject bye() {
        return bye;
    }

    @Nullable
    String reasonNow() {
        JsonObject said = error;
        if (said != null) {
            return said.getString("code");
        }
        said = bye;
        if (said != null) {
            return said.getString("reason");
        }
        ClientDriver.End how = end;
        if (how == null || how.complete()) {
            return null;
        }
        try {
            return new JsonObject(how.body()).getString("code", "no code in " + how);
        } catch (DecodeException e) {
            return "no reason in " + how;
        }
    }
}
