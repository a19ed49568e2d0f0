package net.vgate.system;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests of running gateways: they need root, have a deadline, and say what the gateways logged when they fail. The
 * methods of one class share its fields, and so a pair of gateways where they like.
 */
@Tag("system")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@ExtendWith(GatewayLogs.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface SystemTest {}
