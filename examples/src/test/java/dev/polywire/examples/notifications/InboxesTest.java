package dev.polywire.examples.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.examples.shared.DemoRedis;
import dev.polywire.redis.server.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisAPI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What every place to keep inboxes does. */
class InboxesTest {
    abstract static class Contract {
        abstract Inboxes inboxes();

        @Test
        void whatIsKeptIsThereForTheNext() {
            Inboxes inboxes = inboxes();
            long unread = update(inboxes, "ada", inbox -> inbox.unread(1));
            assertThat(unread).isZero();
            assertThat(Await.get("users", inboxes.users())).isEmpty();
            update(inboxes, "ada", inbox -> add(inbox, "1"));
            update(inboxes, "bob", inbox -> inbox.follow("deploys", true));
            List<Notification> kept = update(inboxes, "ada", Inbox::items);
            Set<String> topics = update(inboxes, "bob", Inbox::topics);
            assertThat(kept).extracting(Notification::id).containsExactly("1");
            assertThat(topics).containsExactly("deploys");
            assertThat(Await.get("users", inboxes.users())).isEqualTo(Set.of("ada", "bob"));
        }

        @Test
        void whatFailsChangesNothing() {
            Inboxes inboxes = inboxes();
            update(inboxes, "ada", inbox -> add(inbox, "1"));
            Throwable cause = Await.get(
                    "a failure",
                    inboxes.update("ada", inbox -> {
                                inbox.mark(null, true);
                                throw new IllegalArgumentException("no");
                            })
                            .transform(done -> Future.succeededFuture(done.cause())));
            assertThat(cause).isInstanceOf(IllegalArgumentException.class).hasMessage("no");
            long unread = update(inboxes, "ada", inbox -> inbox.unread(1));
            assertThat(unread).isEqualTo(1);
        }

        @Test
        void ofManyAtOnceNoneIsLost() {
            Inboxes inboxes = inboxes();
            List<Future<Inbox.Added>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String id = "" + i;
                all.add(inboxes.update("ada", inbox -> add(inbox, id)));
            }
            Await.get("all", Future.all(all).map(true));
            List<Notification> kept = update(inboxes, "ada", Inbox::items);
            long revision = update(inboxes, "ada", Inbox::revision);
            assertThat(kept).hasSize(8);
            assertThat(revision).isEqualTo(8);
        }

        static Inbox.Added add(Inbox inbox, String id) {
            return inbox.add(id, InboxTest.message(id, null, Message.Severity.INFO), "bob", 1, 0);
        }

        static <T> T update(Inboxes inboxes, String user, Function<Inbox, T> change) {
            return Await.get("an update", inboxes.update(user, change));
        }
    }

    @Nested
    class InMemory extends Contract {
        private final Inboxes inboxes = new MemoryInboxes();

        @Override
        Inboxes inboxes() {
            return inboxes;
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class InRedis extends Contract {
        private final Vertx vertx = Vertx.vertx();
        private final RedisServer server = RedisServer.standalone();
        private final RedisAPI redis =
                Await.get("Redis", DemoRedis.open(vertx, server.endpoints().get(0)));
        private String prefix = "";

        @BeforeEach
        void fresh() {
            prefix = UUID.randomUUID() + ":";
        }

        @Override
        Inboxes inboxes() {
            return new RedisInboxes(redis, prefix);
        }

        @Test
        void aServerThatComesLaterFindsItToo() {
            update(inboxes(), "ada", inbox -> add(inbox, "1"));
            long unread = update(inboxes(), "ada", inbox -> inbox.unread(1));
            assertThat(unread).isEqualTo(1);
        }

        @AfterAll
        void end() {
            redis.close();
            server.close();
            Await.get("its end", vertx.close().map(true));
        }
    }
}
