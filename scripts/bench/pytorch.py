"""The peer of `npm run bench`: times one evaluation (losses and the image's gradient) of the same loss in PyTorch.

    python3 pytorch.py --weights models/vgg19-8bit.safetensors --size 512 --repeats 5 --threads 2

The pictures are formulas, the same in evaluation.js, so that both sides can compare their losses. Prints one JSON line.
"""
import argparse, json, resource, struct, time
import torch
import torch.nn.functional as F

CONTENT, STYLES = "relu4_2", ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
LAYERS = [(b, i) for b, n in enumerate((2, 2, 4, 4, 4), 1) for i in range(1, n + 1)][:13]  # up to relu5_1


def read(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        body = bytearray(file.read())

    def tensor(name):
        entry = header[name]
        start, end = entry["data_offsets"]
        kind = {"F32": torch.float32, "U8": torch.uint8}[entry["dtype"]]
        return torch.frombuffer(body[start:end], dtype=kind).reshape(entry["shape"])

    return {(b, i): (tensor(f"conv{b}_{i}.weight.codebook")[tensor(f"conv{b}_{i}.weight.codes").long()],
                     tensor(f"conv{b}_{i}.bias").clone()) for b, i in LAYERS}


def picture(size, ax, ay, ac):
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    rgb = torch.stack([(x * ax + y * ay + c * ac) % 256 for c in range(3)]).float()
    return (rgb.flip(0) - torch.tensor([103.939, 116.779, 123.68]).view(3, 1, 1))[None]


def features(x, weights):
    found = {}
    for b, i in LAYERS:
        if b > 1 and i == 1:
            x = F.max_pool2d(x, 2, ceil_mode=True)
        weight, bias = weights[b, i]
        x = F.relu(F.conv2d(x, weight, bias, padding=1))
        name = f"relu{b}_{i}"
        if name == CONTENT or name in STYLES:
            found[name] = x
    return found


def gram(f):
    flat = f.flatten(2)[0]
    return flat @ flat.t() / flat.numel()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--weights", required=True)
    p.add_argument("--size", type=int, required=True)
    p.add_argument("--repeats", type=int, default=5)
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    weights = read(a.weights)
    with torch.no_grad():
        content = features(picture(a.size, 5, 3, 17), weights)[CONTENT]
        style = {name: gram(f) for name, f in features(picture(a.size, 11, 5, 41), weights).items() if name in STYLES}
    image = picture(a.size, 7, 13, 29).requires_grad_(True)
    seconds = []
    for _ in range(a.repeats + 1):
        start = time.perf_counter()
        image.grad = None
        f = features(image, weights)
        total = 5 * ((f[CONTENT] - content) ** 2).mean()
        total = total + sum(500 / 5 * ((gram(f[name]) - style[name]) ** 2).mean() for name in STYLES)
        dy, dx = image[..., 1:, :] - image[..., :-1, :], image[..., 1:] - image[..., :-1]
        total = total + 100 * ((dy ** 2).mean() + (dx ** 2).mean())
        total.backward()
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"torch": torch.__version__, "seconds": seconds[1:], "total": float(total),
                      "gradient": float(image.grad.norm()), "megabytes": peak}))


main()
