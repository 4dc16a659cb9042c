package dev.polywire.integration;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** The direction of dependencies, as docs/guide.md draws it. */
@AnalyzeClasses(packages = "dev.polywire", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule PROTOCOL_IS_PURE = noClasses()
            .that()
            .resideInAPackage("dev.polywire.protocol")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.polywire",
                    "dev.polywire.spi..",
                    "dev.polywire.session..",
                    "dev.polywire.channel..",
                    "io.vertx.core.http..",
                    "io.vertx.core.net..",
                    "io.vertx.ext..",
                    "io.netty..",
                    "java.time..")
            .because("frames and their codec need no sockets and no clock");

    @ArchTest
    static final ArchRule SPI_SEES_NO_INSIDES = noClasses()
            .that()
            .resideInAPackage("dev.polywire.spi..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.polywire.session..", "dev.polywire.channel..", "dev.polywire.limit..");

    @ArchTest
    static final ArchRule CHANNELS_DO_NOT_KNOW_SESSIONS = noClasses()
            .that()
            .resideInAPackage("dev.polywire.channel..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.polywire.session..");

    @ArchTest
    static final ArchRule TRANSPORTS_SEE_SPI_AND_PROTOCOL_ONLY = noClasses()
            .that()
            .resideInAPackage("dev.polywire.transport..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.polywire.session..",
                    "dev.polywire.channel..",
                    "dev.polywire.limit..",
                    "dev.polywire.cluster..");

    @ArchTest
    static final ArchRule TRANSPORTS_DO_NOT_KNOW_EACH_OTHER = SlicesRuleDefinition.slices()
            .matching("dev.polywire.transport.(*)..")
            .should()
            .notDependOnEachOther();

    @ArchTest
    static final ArchRule CORE_NAMES_NO_TRANSPORT = noClasses()
            .that()
            .resideOutsideOfPackages("dev.polywire.transport..", "dev.polywire.examples..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.polywire.transport..");

    @ArchTest
    static final ArchRule THE_CLIENT_KNOWS_NOTHING_OF_THE_SERVER = noClasses()
            .that()
            .resideInAPackage("dev.polywire.client..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.polywire",
                    "dev.polywire.spi..",
                    "dev.polywire.protocol..",
                    "dev.polywire.session..",
                    "dev.polywire.channel..",
                    "io.vertx.ext..",
                    "io.netty..")
            .because("who only calls a server should not get one along");

    @ArchTest
    static final ArchRule EXAMPLES_USE_THE_PUBLIC_API = noClasses()
            .that()
            .resideInAPackage("dev.polywire.examples..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.polywire.session..", "dev.polywire.channel..", "dev.polywire.limit..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule THE_STATE_MACHINE_HAS_NO_SOCKETS_AND_NO_CLOCK = noClasses()
            .that()
            .haveNameMatching("dev\\.polywire\\.session\\.(SessionMachine|Outbox|Ring|TimerWheel)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.vertx.core",
                    "io.vertx.core.http..",
                    "io.vertx.core.internal..",
                    "io.netty..",
                    "java.net..",
                    "java.time..",
                    "java.util.concurrent..");
}
