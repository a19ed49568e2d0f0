package net.vgate.attachment;

/**
 * Seam: makes devices, addresses, routes and namespaces, which needs privileges that the data path does not. It may run
 * in the gateway's process or in another one.
 *
 * <p><b>Failing closed.</b> For each route, an {@code unreachable} route of the worst metric is installed beneath it,
 * in both families. When the device goes, by {@link #release}, {@link #close}, or because the process was killed, that
 * one is left, and no packet of a member takes another way in clear. It is taken away when {@link #change} drops its
 * route, together with a namespace that the host made, and by {@link #purge}; else it stays, on purpose.
 *
 * <p><b>Errors.</b> What fails is one line that says what, on which device and in which namespace, what the system said
 * and what to do; and what a failed call has made is undone.
 *
 * <p><b>Threading.</b> Any thread; calls wait for one another.
 */
public interface DeviceHost extends AutoCloseable {
    /**
     * Makes a device with its addresses and routes, up and ready.
     *
     * @throws DeviceException also when the name is taken, or another TUN device of the gateway is in the same
     *     namespace and they do not both say that they share it
     */
    PacketDevice open(DeviceRequest request);

    /**
     * Gives {@code device}, which is open, the addresses, routes and MTU of {@code request}; what stays the same is not
     * touched. It must be {@linkplain DeviceRequest#isSameDevice the same device}. When it fails, some of the changes
     * may have been made; asking again, for the old or the new, is safe.
     */
    void change(PacketDevice device, DeviceRequest request);

    /**
     * Closes {@code device}, with its addresses and routes. Its namespace goes, too, when this host made it, and
     * neither another device of the gateway nor one of somebody else is in it. The worker must have let go of the
     * device.
     */
    void release(PacketDevice device);

    /**
     * Datagrams that the kernel has dropped since the host was made, because workers did not fetch them from devices in
     * time. Does not wait for other calls.
     */
    long kernelDrops();

    /** Takes away every route that was left to fail closed, of this host and of earlier ones like it. */
    void purge();

    /**
     * Releases every device, and removes the namespaces that an earlier, killed process left, under the same
     * conditions.
     */
    @Override
    void close();
}
