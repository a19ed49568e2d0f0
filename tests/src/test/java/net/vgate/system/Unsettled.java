package net.vgate.system;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * A test that has not passed on a quiet machine yet, or not been seen to: {@code tests/run --unsettled} runs these as
 * well. Each is either the test's fault or the product's, and is to be settled, not kept.
 */
@Tag("unsettled")
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@interface Unsettled {}
