package dev.polywire.spi.http;

import dev.polywire.AddressOptions;
import dev.polywire.AddressOptions.ProxyHeader;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whose request it is: the peer's, or that of whom a proxy has passed it on for, if the peer is a proxy that is trusted.
 *
 * <p>Each proxy adds the address that it sees at the end of a header, so that header is read from its end: the first address that is
 * no trusted proxy's is the client's. What stands before that the client may have written itself. No name is ever looked up. Safe for
 * all threads.
 */
public final class TrustedProxies {
    private static final String LOCAL = "local";

    private final List<IpSubnetFilterRule> rules;
    private final boolean local;
    private final ProxyHeader header;

    /**
     * Reads the options.
     *
     * @param options who is trusted, and which header
     */
    public TrustedProxies(AddressOptions options) {
        this.rules = rules(options.trustedProxies());
        this.local = options.trustedProxies().contains(LOCAL);
        this.header = options.proxyHeader();
    }

    /**
     * Refuses what is no address and no subnet.
     *
     * @param proxies such as {@code 10.0.0.7}, {@code 10.0.0.0/8} or {@code fd00::/8}, or {@code local} for one on a domain socket
     * @throws IllegalArgumentException saying what would be right
     */
    public static void check(List<String> proxies) {
        rules(proxies);
    }

    private static List<IpSubnetFilterRule> rules(List<String> proxies) {
        List<IpSubnetFilterRule> rules = new ArrayList<>();
        for (String proxy : proxies) {
            if (proxy.equals(LOCAL)) {
                continue;
            }
            int slash = proxy.indexOf('/');
            InetAddress address = parse(slash < 0 ? proxy : proxy.substring(0, slash));
            String bits = slash < 0 ? null : proxy.substring(slash + 1);
            if (address == null || bits != null && !bits.matches("[0-9]{1,3}")) {
                throw wrong(proxy);
            }
            int all = address.getAddress().length * 8;
            int prefix = bits == null ? all : Integer.parseInt(bits);
            if (prefix > all) {
                throw wrong(proxy);
            }
            rules.add(new IpSubnetFilterRule(address, prefix, IpFilterRuleType.ACCEPT));
        }
        return rules;
    }

    private static IllegalArgumentException wrong(String proxy) {
        return new IllegalArgumentException(
                "A trusted proxy must be an address or a subnet, such as 10.0.0.7 or 10.0.0.0/8, not " + proxy + ".");
    }

    /**
     * Returns the address of a request's client.
     *
     * @param request the request
     * @return an address without port; {@code local} for a domain socket, {@code unknown} when there is none
     */
    public String client(HttpServerRequest request) {
        String peer = host(request.remoteAddress());
        return rules.isEmpty() && !local ? peer : client(peer, request.headers().getAll(name()));
    }

    private String name() {
        return header == ProxyHeader.FORWARDED ? "Forwarded" : "X-Forwarded-For";
    }

    /**
     * Returns the address of a client.
     *
     * @param peer the address of whoever made the connection
     * @param lines what the header says, all of its lines in order
     * @return an address; the peer's when that is no trusted proxy, or says nothing
     */
    String client(String peer, List<String> lines) {
        InetAddress at = parse(peer);
        if (at == null ? !(local && peer.equals(LOCAL)) : !trusted(at)) {
            return peer;
        }
        String client = peer;
        for (int i = lines.size() - 1; i >= 0; i--) {
            String[] hops = lines.get(i).split(",", -1);
            for (int j = hops.length - 1; j >= 0; j--) {
                InetAddress hop = parse(header == ProxyHeader.FORWARDED ? named(hops[j]) : hops[j]);
                if (hop == null) {
                    // Whatever that is, nobody can say that what stands before it comes from a proxy.
                    return client;
                }
                client = NetUtil.toAddressString(hop);
                if (!trusted(hop)) {
                    return client;
                }
            }
        }
        return client;
    }

    /** Returns what {@code for} says in one element of {@code Forwarded}, or an empty text. */
    private static String named(String element) {
        for (String pair : element.split(";", -1)) {
            String part = pair.trim();
            if (part.regionMatches(true, 0, "for=", 0, 4)) {
                return part.substring(4);
            }
        }
        return "";
    }

    private boolean trusted(InetAddress address) {
        InetSocketAddress at = new InetSocketAddress(address, 0);
        for (IpSubnetFilterRule rule : rules) {
            if (rule.matches(at)) {
                return true;
            }
        }
        return false;
    }

    /** Reads an address, perhaps in quotes and brackets and with a port, and never asks anybody for it. */
    private static @Nullable InetAddress parse(String written) {
        String text = written.trim();
        if (text.length() > 1 && text.startsWith("\"") && text.endsWith("\"")) {
            text = text.substring(1, text.length() - 1);
        }
        int colon = text.indexOf(':');
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            text = end < 0 ? "" : text.substring(1, end);
        } else if (colon >= 0 && colon == text.lastIndexOf(':')) {
            text = text.substring(0, colon);
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        try {
            // Not what Netty makes of it: an IPv4 address in the guise of an IPv6 one is an IPv4 address.
            return bytes == null ? null : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static String host(@Nullable SocketAddress peer) {
        if (peer == null) {
            return "unknown";
        }
        String address = peer.hostAddress();
        if (address == null) {
            address = peer.host();
        }
        return address == null ? LOCAL : address;
    }
}
