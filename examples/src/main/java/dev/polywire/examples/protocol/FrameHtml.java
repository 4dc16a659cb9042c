package dev.polywire.examples.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One frame as HTML: what it is for, its members, examples. */
final class FrameHtml {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final JsonNode schemas;

    FrameHtml(JsonNode schemas) {
        this.schemas = schemas.path("$defs");
    }

    String of(String side, JsonNode message) {
        String type = message.path("name").asText();
        JsonNode schema = schemas.path(side + "-" + type);
        StringBuilder html =
                new StringBuilder("<article id=\"%1$s-%2$s\"><h3><code>%2$s</code></h3>".formatted(side, type));
        html.append("<p>").append(Html.text(message.path("summary").asText()));
        if (message.has("description")) {
            html.append(" <span class=\"answered\">")
                    .append(Html.text(message.path("description").asText()))
                    .append("</span>");
        }
        html.append("</p>").append(members(schema));
        for (JsonNode example : message.path("examples")) {
            html.append("<pre tabindex=\"0\" role=\"group\" aria-label=\"Example of " + type + "\"><code>")
                    .append(Html.text(pretty(example.path("payload"))))
                    .append("</code></pre>");
        }
        return html.append("</article>\n").toString();
    }

    private String members(JsonNode schema) {
        Set<String> required = new HashSet<>();
        schema.path("required").forEach(name -> required.add(name.asText()));
        StringBuilder rows = new StringBuilder();
        for (Map.Entry<String, JsonNode> member : schema.path("properties").properties()) {
            if (!member.getKey().equals("type")) {
                rows.append(row(member.getKey(), member.getValue(), required.contains(member.getKey())));
            }
        }
        return rows.isEmpty()
                ? "<p>It has no members but its type.</p>"
                : Html.scrolling(
                        "<table><thead><tr><th>Member</th><th>Kind</th><th>Meaning</th><th>Rule</th></tr></thead><tbody>"
                                + rows + "</tbody></table>");
    }

    private String row(String name, JsonNode schema, boolean required) {
        String rule = schema.path("x-rule").asText("");
        StringBuilder html = new StringBuilder("<tr><td><code>" + Html.text(name) + "</code>");
        html.append(required ? "<span class=\"required\" title=\"required\"> *</span>" : "")
                .append("</td><td>");
        html.append(kind(schema))
                .append("</td><td>")
                .append(Html.text(schema.path("description").asText()));
        return html + "</td><td>" + (rule.isEmpty() ? "" : Html.rule(rule)) + "</td></tr>";
    }

    /** What a value is, in words. */
    private String kind(JsonNode schema) {
        if (schema.has("anyOf")) {
            return kind(schema.path("anyOf").path(0));
        }
        if (schema.has("$ref")) {
            String name = schema.path("$ref").asText().replaceFirst(".*/", "");
            return switch (name) {
                case "count" -> "whole number";
                case "id", "name", "channel", "transport" -> name.equals("name") ? "string" : name;
                case "channels" -> "channels";
                default ->
                    name.startsWith("server-") ? "<code>" + name.substring(7) + "</code> frame" : Html.text(name);
            };
        }
        if (schema.has("const")) {
            return "<code>" + Html.text(schema.path("const").asText()) + "</code>";
        }
        if (schema.has("enum")) {
            List<String> values = new ArrayList<>();
            schema.path("enum").forEach(value -> {
                if (!value.isNull()) {
                    values.add("<code>" + Html.text(value.asText()) + "</code>");
                }
            });
            return String.join(", ", values);
        }
        JsonNode type = schema.path("type");
        String first = type.isArray() ? type.path(0).asText() : type.asText("any JSON");
        return switch (first) {
            case "array" -> "array of " + kind(schema.path("items"));
            case "integer" -> "whole number";
            case "boolean" -> "true or false";
            default -> first;
        };
    }

    private static String pretty(JsonNode frame) {
        try {
            return frame.toString().length() <= 76 ? frame.toString() : JSON.writeValueAsString(frame);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
