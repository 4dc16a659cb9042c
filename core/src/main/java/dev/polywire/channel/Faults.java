package dev.polywire.channel;

/** What becomes of the faults of other people's code, of which none may stop what others share with it. */
public final class Faults {
    private Faults() {}

    /**
     * Tells whoever has caught something that it may stay there: an exception, but also an assertion that failed or a class that is
     * not there. What the virtual machine itself suffers from goes on, so the catcher's state must be in order before.
     *
     * @param fault what was caught
     */
    public static void contain(Throwable fault) {
        if (fault instanceof VirtualMachineError error) {
            throw error;
        }
    }
}
