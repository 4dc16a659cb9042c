package dev.polywire.examples.livefeed;

import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.CentralProcessor.TickType;
import oshi.hardware.GlobalMemory;
import oshi.hardware.HWDiskStore;
import oshi.hardware.NetworkIF;
import oshi.software.os.OperatingSystem;
import oshi.util.GlobalConfig;

/** Reads this machine's counters with OSHI. Blocks for some milliseconds, so it never runs on an event loop. */
final class Machine {
    /** Devices whose bytes are counted once more by the device below them. */
    private static final Pattern STACKED_DISK = Pattern.compile("(/dev/)?(dm-|md|loop|ram|zram|sr).*");

    /** Likewise, and the loopback. */
    private static final Pattern NOT_NETWORK =
            Pattern.compile("(lo|veth|docker|br-|virbr|cni|flannel|tun|tap|utun|bond).*");

    static {
        // OSHI gives the same numbers for 300 ms, which is longer than from one sample to the next.
        GlobalConfig.set(GlobalConfig.OSHI_UTIL_MEMOIZER_EXPIRATION, 20);
    }

    private final SystemInfo system = new SystemInfo();
    private final CentralProcessor processor = system.getHardware().getProcessor();
    private final GlobalMemory memory = system.getHardware().getMemory();
    private final List<HWDiskStore> disks = new ArrayList<>();
    private final List<NetworkIF> networks = new ArrayList<>();

    Machine() {
        for (HWDiskStore disk : system.getHardware().getDiskStores()) {
            if (!STACKED_DISK.matcher(disk.getName()).matches()) {
                disks.add(disk);
            }
        }
        for (NetworkIF network : system.getHardware().getNetworkIFs()) {
            if (!NOT_NETWORK.matcher(network.getName()).matches()) {
                networks.add(network);
            }
        }
    }

    /**
     * Describes the machine. Names no host and no user: the page may be shown to others.
     *
     * @return what does not change
     */
    JsonObject about() {
        return new JsonObject()
                .put("processor", processor.getProcessorIdentifier().getName().trim())
                .put("cores", processor.getLogicalProcessorCount())
                .put("memory", memory.getTotal())
                .put("swap", memory.getVirtualMemory().getSwapTotal())
                .put("heap", Runtime.getRuntime().maxMemory())
                .put("system", name(system.getOperatingSystem()))
                .put("java", Runtime.version().toString());
    }

    Counters read() {
        long[][] cores = processor.getProcessorCpuLoadTicks();
        long[] busy = new long[cores.length];
        long[] ticks = new long[cores.length];
        for (int i = 0; i < cores.length; i++) {
            for (long count : cores[i]) {
                ticks[i] += count;
            }
            busy[i] = ticks[i] - cores[i][TickType.IDLE.getIndex()] - cores[i][TickType.IOWAIT.getIndex()];
        }
        long received = 0;
        long sent = 0;
        for (NetworkIF network : networks) {
            network.updateAttributes();
            received += network.getBytesRecv();
            sent += network.getBytesSent();
        }
        long read = 0;
        long written = 0;
        for (HWDiskStore disk : disks) {
            disk.updateAttributes();
            read += disk.getReadBytes();
            written += disk.getWriteBytes();
        }
        var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        return new Counters(
                System.nanoTime(),
                busy,
                ticks,
                processor.getSystemLoadAverage(3),
                memory.getTotal() - memory.getAvailable(),
                memory.getVirtualMemory().getSwapUsed(),
                received,
                sent,
                read,
                written,
                heap.getUsed(),
                heap.getCommitted(),
                ManagementFactory.getThreadMXBean().getThreadCount());
    }

    /** The kernel's build name tells nobody anything. */
    private static String name(OperatingSystem system) {
        return system.getFamily() + " " + system.getVersionInfo().getVersion();
    }
}
