package dev.unroll.train;

/** A run that writes checkpoints. */
record LockOwner(String id, String host, String machine, long pid, long start) {

    static LockOwner here() {
        return new LockOwner("", "", "", 0, 0);
    }
}
