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
        return Await.value("welcome on " + driver.name(), Await.deadline(), () -> {
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
        return Await.value("end of a connection over " + driver.name(), Await.deadline(), () -> end);
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
        return Await.value("a reason on " + driver.name(), Await.deadline(), this::reasonNow);
    }

    /**
     * Returns the {@code bye} frame.
     *
     * @return null without one
     */
    public @Nullable JsonObject bye() {
        return bye;
    }

    /**
     * Returns what refused it.
     *
     * @return the {@code error} frame before {@code welcome}, or the body of the HTTP reply; null when there is none
     */
    public @Nullable JsonObject refusal() {
        ClientDriver.End how = end;
        if (error != null || how == null || how.complete()) {
            return error;
        }
        try {
            JsonObject body = new JsonObject(how.body());
            return body.containsKey("code") ? body : null;
        } catch (DecodeException e) {
            return null;
        }
    }

    private @Nullable String reasonNow() {
        // Read first: one that comes while the rest is looked at would else be an end without a reason.
        ClientDriver.End how = end;
        JsonObject refusal = refusal();
        if (refusal != null) {
            return refusal.getString("code");
        }
        JsonObject said = bye;
        if (said != null) {
            return said.getString("reason");
        }
        return how == null || how.complete() ? null : "no reason in " + how;
    }

    @Override
    public String toString() {
        return driver.name() + " welcome " + welcome + " bye " + bye + " end " + end;
    }
}
