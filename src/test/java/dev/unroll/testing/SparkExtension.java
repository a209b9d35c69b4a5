package dev.unroll.testing;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** Does what {@link SparkTest} says. */
final class SparkExtension implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback, ParameterResolver {

    @Override
    public void beforeAll(ExtensionContext context) throws IllegalAccessException {
        setFields(context, TestSpark.session(settings(context)));
    }

    /** A test that changed the context leaves nothing to the next one. */
    @Override
    public void beforeEach(ExtensionContext context) throws IllegalAccessException {
        Map<String, String> settings = settings(context);
        if (!TestSpark.isRunningWith(settings)) {
            setFields(context, TestSpark.session(settings));
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        TestSpark.clearCaches();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == SparkSession.class || type == JavaSparkContext.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Map<String, String> settings = settings(context);
        SparkSession session = TestSpark.isRunningWith(settings) ? SparkSession.active() : TestSpark.session(settings);
        return parameter.getParameter().getType() == SparkSession.class
                ? session
                : JavaSparkContext.fromSparkContext(session.sparkContext());
    }

    /** Those of the test, if it has the annotation, or else of its class. */
    private static Map<String, String> settings(ExtensionContext context) {
        SparkTest annotation = AnnotationSupport.findAnnotation(context.getElement(), SparkTest.class)
                .or(() -> AnnotationSupport.findAnnotation(context.getTestClass(), SparkTest.class))
                .orElseThrow();
        Map<String, String> settings = new HashMap<>();
        for (String setting : annotation.settings()) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("setting is " + setting + "; allowed is key=value");
            }
            settings.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return settings;
    }

    private static void setFields(ExtensionContext context, SparkSession session) throws IllegalAccessException {
        for (Field field : ReflectionSupport.findFields(
                context.getRequiredTestClass(),
                field -> field.getType() == SparkSession.class && Modifier.isStatic(field.getModifiers()),
                HierarchyTraversalMode.TOP_DOWN)) {
            field.setAccessible(true);
            field.set(null, session);
        }
    }
}
