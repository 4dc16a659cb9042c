package dev.polywire.spi.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.AddressOptions;
import dev.polywire.AddressOptions.ProxyHeader;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose request it is. */
class TrustedProxiesTest {
    private static String client(ProxyHeader header, String trusted, String peer, String... lines) {
        List<String> proxies = trusted.isEmpty() ? List.of() : List.of(trusted.split(" "));
        AddressOptions options = new AddressOptions().trustedProxies(proxies).proxyHeader(header);
        return new TrustedProxies(options).client(peer, List.of(lines));
    }

    private static String client(String trusted, String peer, String... lines) {
        return client(ProxyHeader.X_FORWARDED_FOR, trusted, peer, lines);
    }

    @ParameterizedTest
    @DisplayName("the last address that is no trusted proxy's is the client's")
    @CsvSource(delimiter = '|', textBlock = """
            ''                  | 192.0.2.1 | 198.51.100.1                          | 192.0.2.1
            10.0.0.1            | 192.0.2.1 | 198.51.100.1                          | 192.0.2.1
            10.0.0.1            | 10.0.0.1  | 198.51.100.1                          | 198.51.100.1
            10.0.0.1            | 10.0.0.1  | 6.6.6.6, 198.51.100.1                 | 198.51.100.1
            10.0.0.0/8          | 10.9.9.9  | 6.6.6.6, 198.51.100.1, 10.1.1.1       | 198.51.100.1
            10.0.0.0/8          | 10.9.9.9  | 10.0.0.3, 10.0.0.2                    | 10.0.0.3
            10.0.0.0/8          | 11.0.0.1  | 198.51.100.1                          | 11.0.0.1
            10.0.0.0/8          | 10.9.9.9  | 198.51.100.1:4711                     | 198.51.100.1
            10.0.0.0/8          | 10.9.9.9  | [2001:db8::1]:4711                    | 2001:db8::1
            10.0.0.0/8          | 10.9.9.9  | 2001:DB8:0:0:0:0:0:1                  | 2001:db8::1
            10.0.0.0/8          | 10.9.9.9  | ::ffff:198.51.100.1                   | 198.51.100.1
            10.0.0.0/8          | 10.9.9.9  | 198.51.100.1, unknown                 | 10.9.9.9
            10.0.0.0/8          | 10.9.9.9  | 198.51.100.1, example.com, 10.0.0.2   | 10.0.0.2
            10.0.0.0/8          | 10.9.9.9  | ''                                    | 10.9.9.9
            10.0.0.0/8          | 10.9.9.9  | ','                                   | 10.9.9.9
            10.0.0.0/8          | 10.9.9.9  | 999.1.1.1                             | 10.9.9.9
            fd00::/8            | fd12::1   | 198.51.100.1                          | 198.51.100.1
            fd00::/8            | fe80::1   | 198.51.100.1                          | fe80::1
            fd00::/8 10.0.0.0/8 | fd12::1   | 198.51.100.1, 10.0.0.1                | 198.51.100.1
            ::1                 | ::1       | 198.51.100.1                          | 198.51.100.1
            10.0.0.0/8          | ::ffff:10.0.0.1 | 198.51.100.1                    | 198.51.100.1
            0.0.0.0/0           | 203.0.113.9 | 198.51.100.1, 203.0.113.1           | 198.51.100.1
            0.0.0.0/0           | 203.0.113.9 | 2001:db8::7, 203.0.113.1            | 2001:db8::7
            10.0.0.1            | local     | 198.51.100.1                          | local
            local               | local     | 6.6.6.6, 198.51.100.1                 | 198.51.100.1
            local               | unknown   | 198.51.100.1                          | unknown
            local               | 10.0.0.1  | 198.51.100.1                          | 10.0.0.1
            local 10.0.0.0/8    | local     | 198.51.100.1, 10.0.0.1                | 198.51.100.1
            """)
    void lastUntrusted(String trusted, String peer, String header, String expected) {
        assertThat(client(trusted, peer, header)).isEqualTo(expected);
    }

    @Test
    @DisplayName("a header of several lines is one header")
    void severalLines() {
        assertThat(client("10.0.0.0/8", "10.0.0.1", "6.6.6.6", "198.51.100.1, 10.0.0.3", "10.0.0.2"))
                .isEqualTo("198.51.100.1");
        assertThat(client("10.0.0.0/8", "10.0.0.1")).isEqualTo("10.0.0.1");
    }

    @ParameterizedTest
    @DisplayName("Forwarded is read as RFC 7239 has it")
    @CsvSource(delimiter = '|', textBlock = """
            for=198.51.100.1                                    | 198.51.100.1
            For="[2001:db8:cafe::17]:4711"                      | 2001:db8:cafe::17
            proto=https;for=198.51.100.1;by=10.0.0.1            | 198.51.100.1
            for=6.6.6.6, for=198.51.100.1;proto=http, for=10.0.0.2 | 198.51.100.1
            for=198.51.100.1, for=_hidden                       | 10.9.9.9
            for=unknown                                         | 10.9.9.9
            proto=https                                         | 10.9.9.9
            198.51.100.1                                        | 10.9.9.9
            """)
    void forwarded(String header, String expected) {
        assertThat(client(ProxyHeader.FORWARDED, "10.0.0.0/8", "10.9.9.9", header))
                .isEqualTo(expected);
    }
}
