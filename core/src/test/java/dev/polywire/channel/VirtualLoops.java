package dev.polywire.channel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/** Event loops, and an outside world, whose tasks run one at a time in an order that a seed decides. */
final class VirtualLoops {
    private final Random random;
    private final List<VirtualLoop> loops = new ArrayList<>();

    /** Each runs its tasks in order; which line goes next is chance. */
    private final List<Line> lines = new ArrayList<>();

    VirtualLoops(Random random, int count) {
        this.random = random;
        for (int i = 0; i < count; i++) {
            loops.add(new VirtualLoop());
        }
        lines.addAll(loops);
    }

    VirtualLoop loop(int index) {
        return loops.get(index);
    }

    VirtualLoop any() {
        return loops.get(random.nextInt(loops.size()));
    }

    /** A line of tasks outside of all loops: a connection, or the thread of a client library. */
    Line line() {
        Line line = new Line();
        lines.add(line);
        return line;
    }

    /** Something that happens by itself at some time, in no order with anything else. */
    void sometime(Runnable task) {
        Line line = line();
        line.add(task);
        line.once = true;
    }

    /** Runs one task. */
    boolean step() {
        List<Line> ready = new ArrayList<>();
        for (Line line : lines) {
            if (!line.tasks.isEmpty()) {
                ready.add(line);
            }
        }
        if (ready.isEmpty()) {
            return false;
        }
        Line line = ready.get(random.nextInt(ready.size()));
        line.run();
        if (line.once) {
            lines.remove(line);
        }
        return true;
    }

    void runAll() {
        int steps = 0;
        while (step()) {
            if (++steps > 1_000_000) {
                throw new AssertionError("There is no end to it.");
            }
        }
    }

    static class Line {
        final Deque<Runnable> tasks = new ArrayDeque<>();
        boolean once;

        void add(Runnable task) {
            tasks.add(task);
        }

        void run() {
            tasks.remove().run();
        }
    }

    static final class VirtualLoop extends Line implements Loop {
        private final List<Runnable> delayed = new ArrayList<>();
        private boolean running;
        int taken;

        @Override
        public void execute(Runnable task) {
            taken++;
            add(task);
        }

        @Override
        public void executeAfter(long millis, Runnable task) {
            delayed.add(task);
        }

        /** Lets all delays be over. */
        void elapse() {
            delayed.forEach(this::execute);
            delayed.clear();
        }

        @Override
        public boolean inLoop() {
            return running;
        }

        @Override
        void run() {
            running = true;
            try {
                super.run();
            } finally {
                running = false;
            }
        }

        /** Runs everything that waits here. */
        void drain() {
            while (!tasks.isEmpty()) {
                run();
            }
        }
    }
}
