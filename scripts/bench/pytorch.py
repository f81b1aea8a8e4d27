"""The peer of `npm run bench`: the program's losses in PyTorch, on the same network.

    python3 pytorch.py '{"part": "evaluation", "network": "models/vgg19-8bit.safetensors", "threads": 2, ...}'

evaluation: times one evaluation (losses and the image's gradient).
descent: paints with the recipe of crowsonkb/style-transfer-pytorch and tells how the loss fell at the final size.
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


class Average:
    """The moving average of the iterates, free of its bias towards the start at zero."""
    decay = 0.99

    def __init__(self, image):
        self.sum, self.weight = torch.zeros_like(image), 0.0
        self.add(image)

    def add(self, image):
        self.sum = self.decay * self.sum + (1 - self.decay) * image
        self.weight = self.decay * self.weight + (1 - self.decay)

    def image(self):
        return self.sum / self.weight


def descent(a):
    """The recipe: pictures in 0..1 and kept there, sizes that grow by the square root of 2, each begun with the average of
    the iterates before and with Adam's moments enlarged; twice the steps at the first. The clock leaves out what the
    recipe would not compute: the loss of the average."""
    network = read(a.network)
    photo, painting = (load(picture) for picture in (a.photo, a.painting))
    end = max(photo.shape[2:])
    longest = [end]
    while round(end / 2 ** (len(longest) / 2)) >= 128:
        longest.append(round(end / 2 ** (len(longest) / 2)))
    image, optimizer, untimed, trace = photo, None, 0.0, []
    for index, length in enumerate(reversed(longest)):
        final = length == end
        size = [round(side * length / end) for side in photo.shape[2:]]
        # As much smaller as the photo, though no side is too small for the network.
        style_size = [max(32, round(side * length / end)) for side in painting.shape[2:]]
        total = Total(network, a, for_network(resize(photo, size)), for_network(resize(painting, style_size)))
        image = resize(image, size).clamp(0, 1).requires_grad_(True)
        optimizer = adam_at(image, optimizer)
        average = Average(image.detach())
        begun = time.time() - a.began - untimed
        step, most = 0, a.most if final else a.steps * (2 if index == 0 else 1)
        while step < most:
            optimizer.zero_grad()
            loss = total(for_network(image))
            loss.backward()
            if final:
                seconds = time.time() - a.began - untimed
                start = time.time()
                with torch.no_grad():
                    averaged = total(for_network(average.image()))
                trace.append([seconds, min(loss.item(), averaged.item())])
                untimed += time.time() - start
                if step + 1 >= a.steps and min(trace, key=lambda at: at[1])[1] <= a.enough:
                    break
            optimizer.step()
            with torch.no_grad():
                image.clamp_(0, 1)
                average.add(image)
            step += 1
        image = average.image()
    with open(a.check, "rb") as file:
        ours = torch.frombuffer(bytearray(file.read()), dtype=torch.float32).reshape(photo.shape) / 255
    with torch.no_grad():
        losses = [total(for_network(picture)).item() for picture in (ours, ours.clamp(0, 1))]
    return {"trace": trace, "finalFrom": begun, "ours": losses[0], "oursClamped": losses[1]}


def load(picture):
    with open(picture["path"], "rb") as file:
        pixels = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8)
    return pixels.reshape(picture["height"], picture["width"], 3).permute(2, 0, 1)[None].float() / 255


def for_network(image):
    return 255 * image.flip(1) - MEAN


def resize(image, size, mode="bicubic"):
    return F.interpolate(image, size, mode=mode, antialias=True)


def adam_at(image, before):
    """Adam for the image, with the moments that it had for the smaller one."""
    optimizer = torch.optim.Adam([image], lr=0.02, betas=(0.9, 0.99))
    if before:
        (known,) = before.state.values()
        size = image.shape[2:]
        optimizer.state[image] = {"step": known["step"], "exp_avg": resize(known["exp_avg"], size),
                                  "exp_avg_sq": resize(known["exp_avg_sq"], size, "bilinear").clamp(min=0)}
    return optimizer


argument = SimpleNamespace(**json.loads(sys.argv[1]))
torch.set_num_threads(argument.threads)
result = {"evaluation": evaluation, "descent": descent}[argument.part](argument)
megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({**result, "torch": torch.__version__, "megabytes": megabytes}))
