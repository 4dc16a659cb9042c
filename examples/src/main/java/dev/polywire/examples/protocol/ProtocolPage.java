package dev.polywire.examples.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The protocol as one HTML page that needs no other file: the frames from the AsyncAPI document, then the specification with its rules. */
public final class ProtocolPage {
    private static final Map<String, String> SIDES =
            Map.of("client", "From client to server", "server", "From server to client");
    private static final Pattern SECTION = Pattern.compile("<h3 id=\"(section-[0-9]+)\">(.*?)</h3>");

    private final JsonNode document = read("asyncapi/asyncapi.yaml", new ObjectMapper(new YAMLFactory()));
    private final FrameHtml frames = new FrameHtml(read("asyncapi/frames.schema.json", new ObjectMapper()));

    /** {@return the page} */
    public String html() {
        String specification = Specification.html(text("/protocol/protocol.md"));
        String title = document.path("info").path("title").asText() + " "
                + document.path("info").path("version").asText();
        return text("/protocolpage/page.html")
                .replace("{{style}}", text("/protocolpage/style.css"))
                .replace("{{title}}", Html.text(title))
                .replace(
                        "{{description}}",
                        Html.text(document.path("info").path("description").asText()))
                .replace("{{navigation}}", navigation(specification))
                .replace("{{endpoints}}", endpoints())
                .replace("{{client}}", side("client"))
                .replace("{{server}}", side("server"))
                .replace("{{specification}}", specification);
    }

    private String navigation(String specification) {
        StringBuilder html = new StringBuilder("<a href=\"#endpoints\">Endpoints</a>");
        for (String side : List.of("client", "server")) {
            html.append("<h2><a href=\"#")
                    .append(side)
                    .append("\">")
                    .append(SIDES.get(side))
                    .append("</a></h2><ul>");
            for (JsonNode message : document.path("components").path("messages")) {
                if (message.path("tags").path(0).path("name").asText().equals(side)) {
                    String type = Html.text(message.path("name").asText());
                    html.append("<li><a href=\"#%1$s-%2$s\"><code>%2$s</code></a></li>".formatted(side, type));
                }
            }
            html.append("</ul>");
        }
        html.append("<h2><a href=\"#specification\">Specification</a></h2><ul class=\"sections\">");
        Matcher section = SECTION.matcher(specification);
        while (section.find()) {
            html.append("<li><a href=\"#%s\">%s</a></li>".formatted(section.group(1), section.group(2)));
        }
        return html.append("</ul>").toString();
    }

    private String endpoints() {
        StringBuilder html = new StringBuilder("<dl>");
        for (JsonNode channel : document.path("channels")) {
            JsonNode server = document.at(
                    channel.path("servers").path(0).path("$ref").asText().substring(1));
            html.append("<dt>")
                    .append(Html.text(channel.path("title").asText()))
                    .append(" <code>")
                    .append(Html.text(server.path("pathname").asText()
                            + channel.path("address").asText()))
                    .append("</code></dt><dd>")
                    .append(Html.text(channel.path("description").asText()))
                    .append("</dd>");
        }
        return html.append("</dl>").toString();
    }

    private String side(String side) {
        StringBuilder html = new StringBuilder();
        for (JsonNode message : document.path("components").path("messages")) {
            if (message.path("tags").path(0).path("name").asText().equals(side)) {
                html.append(frames.of(side, message));
            }
        }
        return html.toString();
    }

    private static JsonNode read(String name, ObjectMapper mapper) {
        try {
            return mapper.readTree(text("/protocol/" + name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(String resource) {
        try (InputStream in = Objects.requireNonNull(ProtocolPage.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
