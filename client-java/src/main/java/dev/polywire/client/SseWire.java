package dev.polywire.client;

import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.util.LinkedHashMap;
import java.util.Map;

/** The Server-Sent Events wire: down by a stream, up by POST. */
final class SseWire extends PostingWire {
    private final HttpCall call;
    private final LineReader lines;

    SseWire(WireContext context, HttpWires http, Wire.Listener on) {
        super(context, http, on);
        call = http.call(context.place());
        lines = new LineReader(http.most(), this::line);
        Map<String, String> headers = new LinkedHashMap<>(context.attach());
        headers.put("Accept", "text/event-stream");
        call.stream(
                http.to(HttpMethod.POST, "/sse"),
                context.hello().encode(),
                HttpWires.headers(context, headers),
                answer -> end(answer.failure() == null ? Failure.of("closed") : answer.failure()),
                this::begin);
    }

    private void begin(HttpClientResponse response) {
        String type = response.getHeader("Content-Type");
        // A captive portal answers 200 to everything.
        if (type == null || !type.startsWith("text/event-stream")) {
            end(Failure.of("no_stream"));
            return;
        }
        response.exceptionHandler(broken -> end(Failure.network(broken)));
        response.handler(part -> {
            if (over) {
                return;
            }
            on.heard();
            if (!lines.add(part)) {
                end(Failure.of("answer_too_large"));
            }
        });
        response.endHandler(ended -> end(Failure.of("closed")));
    }

    private void line(String line) {
        // One frame is one line of data, so a line is an event (section 2.1).
        if (!over && line.startsWith("data:")) {
            on.text(line.substring(5).strip());
        }
    }

    @Override
    void abort() {
        call.abort();
    }
}
