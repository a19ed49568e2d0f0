package net.vgate.linux;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Locale;

/**
 * Signals to this process, signal(7). The JDK's own way to them, {@code sun.misc.Signal}, is supported but warned of by
 * compilers, so it is reached by reflection.
 */
public final class ProcessSignal {
    private ProcessSignal() {}

    /**
     * Runs {@code action} in a thread of its own, named after the signal, each time it comes; instead of what the JVM
     * would do.
     *
     * @param name without SIG, such as HUP
     */
    public static void on(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler start = (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                    new Thread(action, "sig" + name.toLowerCase(Locale.ROOT)).start();
                }
                return null;
            };
            Object proxy = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, start);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException missing) {
            throw new IllegalStateException("this Java cannot handle SIG" + name, missing);
        }
    }
}
