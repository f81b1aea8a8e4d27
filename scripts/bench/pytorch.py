"""The peer of `npm run bench`: the program's losses in PyTorch, on the same network.

    python3 pytorch.py '{"part": "evaluation", "network": "models/vgg19-8bit.safetensors", "threads": 2, ...}'

evaluation: times one evaluation (losses and the image's gradient).
Prints one JSON line. Needs nothing but torch.
"""
import json, resource, struct, sys, time
from types import SimpleNamespace
import torch
import torch.nn.functional as F

CONTENT, STYLES = "relu4_2", ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
LAYERS = [(b, i) for b, n in enumerate((2, 2, 4, 4, 4), 1) for i in range(1, n + 1)][:13]  # up to relu5_1
MEAN = torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)  # blue, green, red


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


def pool(x, kind):
    if kind == "max":
        return F.max_pool2d(x, 2, ceil_mode=True)
    return F.avg_pool2d(x, 2, ceil_mode=True, count_include_pad=False)


def features(x, network, pooling):
    found = {}
    for b, i in LAYERS:
        if b > 1 and i == 1:
            x = pool(x, pooling)
        weight, bias = network[b, i]
        x = F.relu(F.conv2d(x, weight, bias, padding=1))
        name = f"relu{b}_{i}"
        if name == CONTENT or name in STYLES:
            found[name] = x
    return found


class Gram:
    """As src/losses/gram.ts has it."""
    content_as_share = False

    def __init__(self, f):
        self.wanted = self.measure(f)

    def measure(self, f):
        flat = f.flatten(2)[0]
        return flat @ flat.t() / flat.numel()

    def loss(self, f):
        return ((self.measure(f) - self.wanted) ** 2).mean()


class Wasserstein:
    """As src/losses/wasserstein.ts has it, by eigenvalues: faster here than Newton-Schulz, and closer to double precision."""
    content_as_share = True

    def __init__(self, f):
        self.mean, covariance = self.measure(f)
        self.floor = covariance.diagonal().mean() / 1000 * torch.eye(len(self.mean))
        wanted = covariance + self.floor
        self.factor = torch.linalg.cholesky(wanted.double()).float()
        self.trace = wanted.trace()
        self.size = self.trace + self.mean.square().sum()

    def measure(self, f):
        flat = f.flatten(2)[0]
        mean = flat.mean(1)
        return mean, flat @ flat.t() / flat.shape[1] - torch.outer(mean, mean)

    def loss(self, f):
        mean, covariance = self.measure(f)
        k = covariance + self.floor
        eigenvalues = eigenvalues_of(self.factor.t() @ k @ self.factor)
        # Rounding may leave some below 0.
        shared = eigenvalues.clamp(min=1e-12).sqrt().sum()
        return ((mean - self.mean).square().sum() + k.trace() + self.trace - 2 * shared) / self.size


def eigenvalues_of(matrix):
    """By one thread: several take no less time, and a hundred times as much where another process wants a core."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    eigenvalues = torch.linalg.eigvalsh(matrix)
    torch.set_num_threads(threads)
    return eigenvalues


class Total:
    """The weighted losses of an image, from the mean-subtracted photo and painting."""

    def __init__(self, network, a, photo, painting):
        self.network, self.pooling, self.weights = network, a.pooling, a.weights
        kind = {"gram": Gram, "wasserstein": Wasserstein}[a.styleLoss]
        with torch.no_grad():
            self.content = self.features(photo)[CONTENT]
            self.content_size = self.content.square().mean() if kind.content_as_share else 1
            found = self.features(painting)
            self.styles = {name: kind(found[name]) for name in STYLES}

    def features(self, image):
        return features(image, self.network, self.pooling)

    def __call__(self, image):
        found = self.features(image)
        content = ((found[CONTENT] - self.content) ** 2).mean() / self.content_size
        style = sum(wanted.loss(found[name]) for name, wanted in self.styles.items()) / len(STYLES)
        dy, dx = image[..., 1:, :] - image[..., :-1, :], image[..., 1:] - image[..., :-1]
        tv = (dy ** 2).mean() + (dx ** 2).mean()
        return self.weights["content"] * content + self.weights["style"] * style + self.weights["tv"] * tv


def evaluation(a):
    photo, painting, image = (for_network(load(picture)) for picture in (a.photo, a.painting, a.image))
    total = Total(read(a.network), a, photo, painting)
    image.requires_grad_(True)
    seconds = []
    for _ in range(a.repeats + 1):
        start = time.perf_counter()
        image.grad = None
        loss = total(image)
        loss.backward()
        seconds.append(time.perf_counter() - start)
    return {"seconds": seconds[1:], "total": loss.item(), "gradient": image.grad.norm().item()}


def load(picture):
    with open(picture["path"], "rb") as file:
        pixels = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8)
    return pixels.reshape(picture["height"], picture["width"], 3).permute(2, 0, 1)[None].float() / 255


def for_network(image):
    return 255 * image.flip(1) - MEAN


argument = SimpleNamespace(**json.loads(sys.argv[1]))
torch.set_num_threads(argument.threads)
result = {"evaluation": evaluation}[argument.part](argument)
megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({**result, "torch": torch.__version__, "megabytes": megabytes}))
