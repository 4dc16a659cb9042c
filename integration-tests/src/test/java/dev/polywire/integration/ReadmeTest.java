package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs in README.md and the guide: they compile, and the one that the README begins with runs. */
class ReadmeTest {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    /** How long another process may take to start on a busy machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String CLASS_PATH = System.getProperty("java.class.path");

    /** What a block that does not import anything may use. */
    private static final String IMPORTS = String.join(
            "\n",
            "import dev.polywire.*;",
            "import dev.polywire.auth.*;",
            "import dev.polywire.client.*;",
            "import dev.polywire.cluster.redis.*;",
            "import dev.polywire.protocol.*;",
            "import dev.polywire.spi.*;",
            "import io.vertx.core.*;",
            "import io.vertx.core.buffer.Buffer;",
            "import io.vertx.core.eventbus.DeliveryOptions;",
            "import io.vertx.core.http.*;",
            "import io.vertx.core.json.*;",
            "import io.vertx.core.net.PfxOptions;",
            "import io.vertx.ext.healthchecks.*;",
            "import io.vertx.ext.web.Router;",
            "import io.vertx.ext.web.handler.BodyHandler;",
            "import io.vertx.ext.web.healthchecks.HealthCheckHandler;",
            "import java.time.*;",
            "import java.util.*;",
            "import java.util.concurrent.TimeUnit;",
            "import java.util.concurrent.atomic.*;",
            "");

    /** What a block of statements may use besides. */
    private static final String FIELDS = String.join(
            "\n",
            "    interface Users { Future<String> find(String token); }",
            "    Users users;",
            "    Vertx vertx;",
            "    Router router;",
            "    RealtimeOptions options;",
            "    Realtime realtime;",
            "    Session session;",
            "    RedisCluster cluster;",
            "    HealthChecks checks;",
            "    PolywireClient client;",
            "    String pem;",
            "");

    private final Wires wires = new Wires();
    private Process program;

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        wires.close();
        if (program != null) {
            program.destroyForcibly();
        }
    }

    private static List<String> blocks(String page, String language) throws IOException {
        Pattern block = Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
        return block.matcher(Files.readString(TOP.resolve(page)))
                .results()
                .map(result -> result.group(1))
                .toList();
    }

    /** Compiles a source into the folder, and returns the name of its first class. */
    private String compile(String source, String otherwise) throws IOException {
        Matcher named = Pattern.compile("^[a-z ]*(?:class|interface|record) (\\w+)", Pattern.MULTILINE)
                .matcher(source);
        String name = otherwise;
        String unit = source;
        if (named.find()) {
            name = named.group(1);
            unit = source.contains("import ") ? source : IMPORTS + source;
        } else {
            unit = IMPORTS + "class " + name + " {\n" + FIELDS + "    void run() throws Exception {\n" + source
                    + "}}\n";
        }
        Path file = Files.writeString(folder.resolve(name + ".java"), unit);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertThat(compiler).as("a JDK").isNotNull();
        DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
        try (var files = compiler.getStandardFileManager(said, Locale.ROOT, null)) {
            List<String> options =
                    List.of("-classpath", CLASS_PATH, "-proc:none", "--release", "17", "-d", folder.toString());
            boolean compiled = compiler.getTask(null, files, said, options, null, files.getJavaFileObjects(file))
                    .call();
            assertThat(compiled).as("%s%n%s", said.getDiagnostics(), unit).isTrue();
        }
        return name;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "README.md",
                "docs/guide.md",
                "docs/operations.md",
                "docs/from-sockjs.md",
                "docs/from-socketio.md",
                "client-java/README.md"
            })
    @DisplayName("all Java on the page compiles")
    void javaCompiles(String page) throws IOException {
        List<String> blocks = blocks(page, "java");
        assertThat(blocks).isNotEmpty();
        for (int i = 0; i < blocks.size(); i++) {
            compile(blocks.get(i), "Block" + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/guide.md"})
    @DisplayName("all JSON on the page is options")
    void jsonIsOptions(String page) throws IOException {
        for (String block : blocks(page, "json")) {
            assertThat(new RealtimeOptions(new JsonObject(block)).check()).isNotNull();
        }
    }

    @Test
    @DisplayName("links of the pages lead to files and headings that are there")
    void links() throws IOException {
        Pattern link = Pattern.compile("\\[[^\\]]+\\]\\((?!https?:)([^)#]*)(?:#([^)]*))?\\)");
        for (String page : List.of(
                "README.md",
                "docs/guide.md",
                "docs/options.md",
                "docs/operations.md",
                "docs/react.md",
                "docs/from-sockjs.md",
                "docs/from-socketio.md",
                "docs/recipes-vue-svelte.md",
                "docs/asyncapi/README.md",
                "examples/clients/python/README.md",
                "client/README.md",
                "client-java/README.md",
                "CONTRIBUTING.md")) {
            Path at = TOP.resolve(page);
            for (MatchResult found :
                    link.matcher(Files.readString(at)).results().toList()) {
                Path to = found.group(1).isEmpty() ? at : at.resolveSibling(found.group(1));
                assertThat(to).as(page).exists();
                if (found.group(2) != null) {
                    assertThat(headings(to)).as(page + ", " + found.group()).contains(found.group(2));
                }
            }
        }
    }

    /** The names under which the headings of a page can be linked to. */
    private static List<String> headings(Path page) throws IOException {
        return Files.readAllLines(page).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
                .map(line -> line.replaceAll("[^a-z0-9 -]", "").replace(' ', '-'))
                .toList();
    }

    @Test
    @DisplayName("the program that the README begins with runs, and its messages reach a client on every wire")
    void programRuns() throws IOException, InterruptedException {
        int port = start();
        List<ReferenceClient> clients = new ArrayList<>();
        for (String wire : List.of("websocket", "sse", "longpoll")) {
            ReferenceClient client = wires.client(wire, port);
            client.connect();
            client.ask(Wires.subscribe("s", "chat:42"));
            clients.add(client);
        }
        clients.get(2).ask(Wires.publish("p", "chat:42", "hello"));
        for (ReferenceClient client : clients) {
            client.await("the message", frame -> "hello".equals(frame.getValue("payload")));
        }
    }

    @Test
    @DisplayName("the program of the Java client's page runs, and hears its own message from the README's server")
    void clientRuns() throws IOException, InterruptedException {
        int port = start();
        String source = blocks("client-java/README.md", "java").get(0);
        assertThat(source).contains("localhost:8080");
        String name = compile(source.replace("localhost:8080", "127.0.0.1:" + port), "Hello");
        Path log = folder.resolve("client.log");
        Process running = java(name, log);
        try {
            Await.until("the message", PATIENCE, () -> said(log).contains("hello") || !running.isAlive());
            assertThat(said(log)).contains("hello");
        } finally {
            running.destroyForcibly();
        }
    }

    private static List<String> said(Path log) {
        try {
            return Files.readAllLines(log);
        } catch (IOException e) {
            return List.of();
        }
    }

    @Test
    @DisplayName("the page in that program runs, and gets what it says itself")
    void pageRuns() throws IOException, InterruptedException {
        Path node = Tools.require("node");
        int port = start();
        String url = "http://127.0.0.1:" + port;
        HttpResponse<String> page = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(url))
                                .version(HttpClient.Version.HTTP_1_1)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(page.headers().firstValue("content-type")).hasValue("text/html");
        Matcher script = Pattern.compile("<script type=\"module\">(.*)</script>", Pattern.DOTALL)
                .matcher(page.body());
        assertThat(script.find()).isTrue();
        // Node takes no modules over HTTP, and has no page that would say where the server is.
        String body = script.group(1)
                .replace(
                        "/realtime/client.js",
                        TOP.resolve("client/src/client.js").toUri().toString())
                .replace("connect()", "connect('" + url + "/realtime')");
        Path file = Files.writeString(
                folder.resolve("page.mjs"),
                "globalThis.document = { body: { append(text) { console.log(text); process.exit(0); } } };\n" + body);
        Path log = folder.resolve("page.log");
        Process running = new ProcessBuilder(
                        node.toString(), "--experimental-websocket", "--no-warnings", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            Await.until("the page's end", PATIENCE, () -> !running.isAlive());
            assertThat(Files.readString(log)).isEqualToIgnoringNewLines("hello");
        } finally {
            running.destroyForcibly();
        }
    }

    /** Starts the program in a process of its own, on a free port in place of its own one. */
    private int start() throws IOException, InterruptedException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String source = blocks("README.md", "java").get(0);
        assertThat(source).contains("listen(8080, \"127.0.0.1\")");
        String name = compile(source.replace("8080", Integer.toString(port)), "Main");
        Path log = folder.resolve("program.log");
        program = java(name, log);
        Await.until("the program to listen", PATIENCE, () -> listens(port) || !program.isAlive());
        assertThat(program.isAlive()).as(Files.readString(log)).isTrue();
        return port;
    }

    private Process java(String main, Path log) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        folder + System.getProperty("path.separator") + CLASS_PATH,
                        main)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
