package dev.polywire;

import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PfxOptions;

/**
 * The certificate that {@code RealtimeVerticle} shows, and whether it speaks HTTP/2: what JSON can say of TLS. For the rest (client
 * certificates, names, ciphers) there is {@link Realtime#verticle(HttpServerOptions)}. Without a certificate it speaks plain HTTP/1.1.
 */
public final class TlsOptions {
    private static final OptionTable OPTIONS = new OptionTable("TLS options");
    private static final Option<String> CERTIFICATE = OPTIONS.text("certificate", "", any -> {});
    private static final Option<String> KEY = OPTIONS.text("key", "", any -> {});
    private static final Option<String> KEY_STORE = OPTIONS.text("keyStore", "", any -> {});
    private static final Option<String> PASSWORD = OPTIONS.text("password", "", any -> {});
    private static final Option<Boolean> HTTP2 = OPTIONS.flag("http2", true);

    private final OptionValues values;

    /** Creates the defaults: no TLS. */
    public TlsOptions() {
        values = new OptionValues(OPTIONS);
    }

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public TlsOptions(TlsOptions other) {
        values = new OptionValues(other.values);
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public TlsOptions(JsonObject json) {
        values = new OptionValues(OPTIONS, json);
    }

    /**
     * Returns all options, the password among them.
     *
     * @return a new object
     */
    public JsonObject toJson() {
        return values.toJson();
    }

    /**
     * Sets the file of the certificate, followed by those that vouch for it.
     *
     * @param value a path of a PEM file; empty for none
     * @return this
     */
    public TlsOptions certificate(String value) {
        values.set(CERTIFICATE, value);
        return this;
    }

    /** {@return the PEM file of the certificate, empty for none} */
    public String certificate() {
        return values.get(CERTIFICATE);
    }

    /**
     * Sets the file of the certificate's private key.
     *
     * @param value a path of a PEM file, not encrypted; empty for none
     * @return this
     */
    public TlsOptions key(String value) {
        values.set(KEY, value);
        return this;
    }

    /** {@return the PEM file of the private key, empty for none} */
    public String key() {
        return values.get(KEY);
    }

    /**
     * Sets a key store that holds certificate and key, in place of the two files.
     *
     * @param value a path of a PKCS#12 file; empty for none
     * @return this
     */
    public TlsOptions keyStore(String value) {
        values.set(KEY_STORE, value);
        return this;
    }

    /** {@return the PKCS#12 file, empty for none} */
    public String keyStore() {
        return values.get(KEY_STORE);
    }

    /**
     * Sets the password of the key store.
     *
     * @param value the password; empty for none
     * @return this
     */
    public TlsOptions password(String value) {
        values.set(PASSWORD, value);
        return this;
    }

    /** {@return the password of the key store, empty for none} */
    public String password() {
        return values.get(PASSWORD);
    }

    /**
     * Sets whether HTTP/2 is offered (by ALPN) besides HTTP/1.1. WebSocket takes a connection of HTTP/1.1 in either case.
     *
     * @param value true by default
     * @return this
     */
    public TlsOptions http2(boolean value) {
        values.set(HTTP2, value);
        return this;
    }

    /** {@return whether HTTP/2 is offered besides HTTP/1.1} */
    public boolean http2() {
        return values.get(HTTP2);
    }

    /** {@return whether there is a certificate, and so TLS} */
    public boolean given() {
        return !keyStore().isEmpty() || !certificate().isEmpty();
    }

    /**
     * Checks what only makes sense together.
     *
     * @throws IllegalArgumentException saying what would be right
     */
    void check() {
        if (certificate().isEmpty() != key().isEmpty()) {
            throw new IllegalArgumentException("tls.certificate and tls.key must be given together, or neither.");
        }
        if (!keyStore().isEmpty() && !certificate().isEmpty()) {
            throw new IllegalArgumentException("tls.keyStore must not be given beside tls.certificate; one is enough.");
        }
        if (!password().isEmpty() && keyStore().isEmpty()) {
            throw new IllegalArgumentException("tls.password is that of tls.keyStore, which must be given, too.");
        }
    }

    /** Sets what these options say. */
    HttpServerOptions applyTo(HttpServerOptions server) {
        if (!given()) {
            return server;
        }
        return server.setSsl(true)
                .setUseAlpn(http2())
                .setKeyCertOptions(
                        keyStore().isEmpty()
                                ? new PemKeyCertOptions()
                                        .addCertPath(certificate())
                                        .addKeyPath(key())
                                : new PfxOptions().setPath(keyStore()).setPassword(password()));
    }
}
