package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.Principal;
import dev.polywire.spi.Refusal;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tickets are good once, for a moment, and there are so many of them. */
class TicketsTest {
    private static final Principal ADA = Principal.of("ada");

    private final AtomicLong clock = new AtomicLong(1000);
    private final Tickets tickets = new Tickets(clock::get, 100, 3);

    @Test
    @DisplayName("a ticket is redeemed once, for whom it was handed out to; looking at it does not use it up")
    void once() {
        String ticket = tickets.issue(ADA);
        assertThat(Tickets.is(ticket)).isTrue();
        assertThat(tickets.holder(ticket)).isNotNull();
        assertThat(tickets.redeem(ticket)).isSameAs(ADA);
        assertThat(tickets.holder(ticket)).isNull();
        assertThat(tickets.redeem(ticket)).isNull();
        assertThat(tickets.redeem("pwt_")).isNull();
    }

    @Test
    @DisplayName("a ticket ends, and what has ended takes no room")
    void ends() {
        String first = tickets.issue(ADA);
        clock.addAndGet(50);
        tickets.issue(ADA);
        tickets.issue(ADA);
        assertThatThrownBy(() -> tickets.issue(ADA)).isInstanceOf(Refusal.class);
        clock.addAndGet(50);
        assertThat(tickets.redeem(first)).isNull();
        assertThat(tickets.size()).isEqualTo(2);
        tickets.issue(ADA);
        clock.addAndGet(100);
        assertThat(tickets.holder("pwt_x")).isNull();
        assertThat(tickets.size()).isZero();
    }

    @Test
    @DisplayName("no two tickets are alike, and each has 128 random bits")
    void random() {
        Set<String> seen = new HashSet<>();
        Tickets many = new Tickets(clock::get, 100, 1000);
        for (int i = 0; i < 1000; i++) {
            String ticket = many.issue(ADA);
            assertThat(ticket).matches("pwt_[A-Za-z0-9_-]{22}");
            assertThat(seen.add(ticket)).isTrue();
        }
    }
}
