#!/usr/bin/env python3
"""PyTorch's data-parallel training on two cores, the peer of an iteration on Spark in local[2]; prints tokens per second.

    peer_ddp.py INPUTS HIDDEN CLASSES BATCH STEPS SECONDS dense|padded|packed

Two processes of one thread, each bound to a processor; an LSTM with a softmax at every step on BATCH sequences a process, gradients averaged
by gloo over loopback, one Adam update. Padded and packed have lengths from STEPS/8 to STEPS, sorted, and count real steps. The median of all
updates but the first fifth. Needs torch from PyPI.
"""
import os
import statistics
import sys
import time

I, H, C, B, T = map(int, sys.argv[1:6])
seconds, form = float(sys.argv[6]), sys.argv[7]


def process(rank, port):
    os.environ.update(OMP_NUM_THREADS="1", MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), GLOO_SOCKET_IFNAME="lo")
    os.sched_setaffinity(0, {rank})
    import torch
    import torch.distributed as dist

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = torch.nn.LSTM(I, H)
            self.head = torch.nn.Linear(H, C)

        def forward(self, x):
            if form == "packed":
                h = self.rnn(torch.nn.utils.rnn.pack_padded_sequence(x, lengths))[0].data
            else:
                h = self.rnn(x)[0]
                h = h.flatten(0, 1) if form == "dense" else h[real]
            return self.head(h)

    torch.set_num_threads(1)
    torch.manual_seed(rank)
    dist.init_process_group("gloo", rank=rank, world_size=2)
    network = torch.nn.parallel.DistributedDataParallel(Network())
    adam = torch.optim.Adam(network.parameters())
    lengths = torch.full((B,), T)
    if form != "dense":
        lengths[1:] = torch.randint(max(1, T // 8), T + 1, (B - 1,))
        lengths = lengths.sort(descending=True)[0]
    real = torch.arange(T)[:, None] < lengths[None, :]
    x, y = torch.randn(T, B, I), torch.randint(C, (int(lengths.sum()),))
    steps = torch.tensor(len(y))
    dist.all_reduce(steps)  # of both processes

    def update():
        adam.zero_grad()
        torch.nn.functional.cross_entropy(network(x), y).backward()
        adam.step()

    start = time.perf_counter()
    update()
    count = torch.tensor(max(10, int(1.25 * seconds / (time.perf_counter() - start))))
    dist.broadcast(count, 0)  # both processes make as many
    times = []
    for _ in range(int(count)):
        start = time.perf_counter()
        update()
        times.append(time.perf_counter() - start)
    if rank == 0:
        print(round(int(steps) / statistics.median(times[len(times) // 5 :])), flush=True)
    dist.barrier()
    os._exit(0)  # gloo's threads abort a process now and then when they are taken down


if __name__ == "__main__":
    import socket

    import torch.multiprocessing

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torch.multiprocessing.spawn(process, args=(port,), nprocs=2)
