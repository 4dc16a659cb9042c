package dev.polywire.conformance;

import dev.polywire.spi.Cluster;
import dev.polywire.testing.MemoryNode;
import io.vertx.core.Vertx;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ReflectionSupport;

/** Makes one test of a {@link RuleTest} where the suite's wire is of its kind, and none elsewhere. */
final class RuleTestTemplate implements TestTemplateInvocationContextProvider {

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return true;
    }

    @Override
    public boolean mayReturnZeroTestTemplateInvocationContexts(ExtensionContext context) {
        return true;
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        RuleTest rule = AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), RuleTest.class)
                .orElseThrow();
        String name = context.getDisplayName();
        return kindOf(suite(context), context).containsAll(Set.of(rule.value()))
                ? Stream.of(new TestTemplateInvocationContext() {
                    @Override
                    public String getDisplayName(int index) {
                        return name;
                    }
                })
                : Stream.empty();
    }

    /** Finds the class that extends the kit: the groups are nested in it. */
    private static Class<?> suite(ExtensionContext context) {
        Class<?> suite = null;
        for (ExtensionContext at = context; at != null; at = at.getParent().orElse(null)) {
            Class<?> type = at.getTestClass().orElse(null);
            if (type != null && TransportKit.class.isAssignableFrom(type)) {
                suite = type;
            }
        }
        if (suite == null) {
            throw new IllegalStateException("A RuleTest belongs into a group of TransportKit.");
        }
        return suite;
    }

    @SuppressWarnings("unchecked")
    private static Set<RuleTest.On> kindOf(Class<?> suite, ExtensionContext context) {
        return (Set<RuleTest.On>) context.getRoot()
                .getStore(ExtensionContext.Namespace.create(RuleTestTemplate.class))
                .getOrComputeIfAbsent(suite, RuleTestTemplate::look, Set.class);
    }

    private static Set<RuleTest.On> look(Object suite) {
        TransportKit kit = (TransportKit) ReflectionSupport.newInstance((Class<?>) suite);
        Vertx vertx = Vertx.vertx();
        try {
            // It connects nowhere: only asked what kind of wire it is.
            ClientDriver driver = kit.driver(vertx, 1);
            Set<RuleTest.On> kinds = EnumSet.of(
                    driver.duplex() ? RuleTest.On.DUPLEX : RuleTest.On.POSTING,
                    driver.streams() ? RuleTest.On.STREAMING : RuleTest.On.POLLING);
            if (!(kit instanceof SeveralNodesConformance)) {
                kinds.add(RuleTest.On.ALONE);
            }
            Supplier<Cluster> cluster = kit.cluster();
            if (cluster == null || cluster.get() instanceof MemoryNode) {
                kinds.add(RuleTest.On.ONE_CLOCK);
            }
            return kinds;
        } finally {
            Await.get("the end of Vert.x", vertx.close());
        }
    }
}
