#!/usr/bin/env python3
"""One training step of a peer on the shape of `submit/unroll bench`, one thread; prints tokens per second, the median of its steps.

    peer_step.py torch|jax CELL INPUTS HIDDEN CLASSES VOCABULARY BATCH STEPS SECONDS dense|padded|packed [LAYERS true|false]

Forward, softmax cross-entropy at every step, backward, gradients of all parameters. Dense inputs unless VOCABULARY is above 0; padded and
packed (torch only) have the lengths of `bench --ragged`, spread evenly from STEPS/8 to STEPS, and count real steps. More layers than one, or both directions: torch only. Needs torch or jax from PyPI.
"""
import os
import statistics
import sys
import time

tool, cell = sys.argv[1:3]
I, H, C, V, B, T = map(int, sys.argv[3:9])
seconds, form = float(sys.argv[9]), sys.argv[10]
layers = int(sys.argv[11]) if len(sys.argv) > 11 else 1
both = len(sys.argv) > 12 and sys.argv[12] == "true"
D = 2 if both else 1
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
os.environ.pop("OPENBLAS_CORETYPE", None)
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def torch_step():
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(1)
    rnn = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "elman": torch.nn.RNN}[cell](I, H, layers, bidirectional=both)
    head = torch.nn.Linear(D * H, C)
    embedding = torch.nn.Embedding(V, I) if V else torch.nn.Identity()
    x = torch.randint(V, (T, B)) if V else torch.randn(T, B, I)
    lengths = torch.tensor([T if form == "dense" else T - b * (T + 1 - max(1, T // 8)) // B for b in range(B)])
    real = torch.arange(T)[:, None] < lengths[None, :]
    y = torch.randint(C, (int(lengths.sum()),))
    parameters = [p for module in (rnn, head, embedding) for p in module.parameters()]

    def step():
        for p in parameters:
            p.grad = None
        inputs = embedding(x)
        if form == "packed":
            h = rnn(torch.nn.utils.rnn.pack_padded_sequence(inputs, lengths))[0].data
        else:
            h = rnn(inputs)[0]
            h = h.view(T * B, D * H) if form == "dense" else h[real]
        torch.nn.functional.cross_entropy(head(h), y).backward()

    return step, len(y)


def jax_step():
    import jax
    import jax.numpy as jnp

    if V or form != "dense":
        sys.exit("jax runs dense inputs of one length only")
    G = {"lstm": 4, "gru": 3, "elman": 1}[cell] * H
    key = jax.random.PRNGKey(0)
    normal = lambda *shape: 0.06 * jax.random.normal(key, shape)
    theta = (normal(I, G), normal(H, G), jnp.zeros(G), jnp.zeros(G), normal(H, C), jnp.zeros(C))
    x, y = jax.random.normal(key, (T, B, I)), jax.random.randint(key, (T * B,), 0, C)

    def loss(theta):
        w_ih, w_hh, b_ih, b_hh, w_qh, b_q = theta

        def one(carry, a):
            h, c = carry
            r = h @ w_hh + b_hh
            if cell == "lstm":
                i, f, g, o = jnp.split(a + r, 4, 1)
                c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
                h = jax.nn.sigmoid(o) * jnp.tanh(c)
            elif cell == "gru":
                (ar, az, an), (rr, rz, rn) = jnp.split(a, 3, 1), jnp.split(r, 3, 1)
                z = jax.nn.sigmoid(az + rz)
                h = (1 - z) * jnp.tanh(an + jax.nn.sigmoid(ar + rr) * rn) + z * h
            else:
                h = jnp.tanh(a + r)
            return (h, c), h

        a = (x.reshape(T * B, I) @ w_ih + b_ih).reshape(T, B, G)
        h = jax.lax.scan(one, (jnp.zeros((B, H)), jnp.zeros((B, H))), a)[1]
        log_p = jax.nn.log_softmax(h.reshape(T * B, H) @ w_qh + b_q)
        return -jnp.mean(jnp.take_along_axis(log_p, y[:, None], 1))

    compiled = jax.jit(jax.grad(loss))
    return lambda: jax.block_until_ready(compiled(theta)), T * B


step, real = torch_step() if tool == "torch" else jax_step()
times, start = [], time.perf_counter()
while time.perf_counter() - start < seconds or len(times) < 12:
    before = time.perf_counter()
    step()
    times.append(time.perf_counter() - before)
print(round(real / statistics.median(times[4:])))
