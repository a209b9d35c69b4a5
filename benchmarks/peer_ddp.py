#!/usr/bin/env python3
"""PyTorch's data-parallel training on two cores, the peer of an iteration on Spark in local[2]; prints tokens per second.

    peer_ddp.py INPUTS HIDDEN CLASSES BATCH STEPS SECONDS dense|padded|packed|grouped

Two processes of one thread, each bound to a processor; an LSTM with a softmax at every step on BATCH sequences a process, gradients averaged
by gloo over loopback, one Adam update. All forms but dense have the lengths of `bench --ragged`, spread evenly from STEPS/8 to STEPS and sorted,
and count real steps: padded to the longest; packed; or grouped by hand, where GROUP sequences of about one length at a time are padded to the
longest of them and their gradients accumulated. The median update in SECONDS, after as many to warm up. Needs torch from PyPI.
"""
import os
import statistics
import sys
import time

I, H, C, B, T = map(int, sys.argv[1:6])
seconds, form = float(sys.argv[6]), sys.argv[7]
GROUP = 32


def process(rank, port):
    os.environ.update(OMP_NUM_THREADS="1", MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), GLOO_SOCKET_IFNAME="lo")
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[rank]})
    import torch
    import torch.distributed as dist

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = torch.nn.LSTM(I, H)
            self.head = torch.nn.Linear(H, C)

        def forward(self, x, lengths):
            if form == "packed":
                return self.head(self.rnn(torch.nn.utils.rnn.pack_padded_sequence(x, lengths))[0].data)
            h = self.rnn(x)[0]
            return self.head(h.flatten(0, 1) if form == "dense" else h[torch.arange(len(x))[:, None] < lengths[None, :]])

    torch.set_num_threads(1)
    torch.manual_seed(rank)
    dist.init_process_group("gloo", rank=rank, world_size=2)
    network = torch.nn.parallel.DistributedDataParallel(Network())
    adam = torch.optim.Adam(network.parameters())
    lengths = torch.tensor([T if form == "dense" else T - b * (T + 1 - max(1, T // 8)) // B for b in range(B)])
    steps = int(lengths.sum())
    parts = []
    for part in lengths.split(GROUP if form == "grouped" else B):
        parts.append((torch.randn(int(part[0]), len(part), I), part, torch.randint(C, (int(part.sum()),))))

    def update():
        adam.zero_grad()
        with network.no_sync():
            for part in parts[:-1]:
                backward(*part)
        backward(*parts[-1])
        adam.step()

    def backward(x, lengths, y):
        (torch.nn.functional.cross_entropy(network(x, lengths), y, reduction="sum") / steps).backward()

    def updates(count):
        """Seconds of each; both processes make as many."""
        times = []
        for _ in range(count):
            start = time.perf_counter()
            update()
            times.append(time.perf_counter() - start)
        return times

    def count(second):
        """How many updates take that long, as the first process sees it."""
        count = torch.tensor(max(10, int(seconds / second)))
        dist.broadcast(count, 0)
        return int(count)

    second = statistics.median(updates(10))
    second = statistics.median(updates(count(second)))
    second = statistics.median(updates(count(second)))
    if rank == 0:
        print(round(2 * steps / second), flush=True)
    dist.barrier()
    os._exit(0)  # all is said: gloo's threads abort a process now and then when they are taken down


if __name__ == "__main__":
    import socket

    import torch.multiprocessing

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torch.multiprocessing.spawn(process, args=(port,), nprocs=2)
