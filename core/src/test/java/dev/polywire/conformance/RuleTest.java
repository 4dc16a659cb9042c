package dev.polywire.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test of a rule that only some wires or servers have, such as one about POSTs. On the others there is no such test: nothing is skipped,
 * because there is nothing to skip.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(RuleTestTemplate.class)
public @interface RuleTest {

    /** Kinds of wires and of servers. */
    enum On {
        /** Frames go up on the same connection, as with WebSocket. */
        DUPLEX,
        /** Frames go up by POST. */
        POSTING,
        /** A connection carries more than one batch. */
        STREAMING,
        /** A connection carries one batch, as with long polling. */
        POLLING,
        /** The server is one node, so that nothing goes by another clock than the one that a test moves. */
        ALONE,
        /** What nodes share goes by the clock that a test moves: it is one node, or they are in one process. */
        ONE_CLOCK
    }

    /**
     * Returns what wire and server must be for the rule to concern it.
     *
     * @return all of these
     */
    On[] value();
}
