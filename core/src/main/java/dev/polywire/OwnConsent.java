package dev.polywire;

/** Tells which channel handlers have a say of their own about who may subscribe. Safe for all threads. */
final class OwnConsent {
    private static final ClassValue<Boolean> OWN = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            try {
                return type.getMethod("onSubscribe", Session.class, String.class)
                                .getDeclaringClass()
                        != ChannelHandler.class;
            } catch (NoSuchMethodException e) {
                // It has the method, being a handler; whoever cannot be looked at is taken for one with rules.
                return true;
            }
        }
    };

    private OwnConsent() {}

    /** Tells whether a kind of handler implements {@code onSubscribe} itself. */
    static boolean in(Class<?> handler) {
        return OWN.get(handler);
    }
}
