"""The oracle's network: a small convolutional net that answers the questions of oracle_labels.py about a picture of 128 px.

It says of each of 16 x 16 cells which kind of thing is there, if any (the rendered masks teach it), and asks for colour and count
at those places. Knows the number of answers, not their names, and nothing of how scenes are drawn.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

SIDE = 128      # pixels it looks at
FEATURES = 64   # numbers that stand for a whole picture; Fréchet distances are taken on them


class Norm(nn.GroupNorm):
    """In floats also where the rest is in bfloat16, which older PyTorch does not normalise on a CPU."""

    def forward(self, x):
        return F.group_norm(x.float(), self.num_groups, self.weight.float(), self.bias.float(), self.eps).to(x.dtype)


def layer(cin, cout, size=3, stride=1, pad=1):
    return nn.Sequential(nn.Conv2d(cin, cout, size, stride, pad, bias=False), Norm(8, cout), nn.SiLU())


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(layer(width, width), layer(width, width))

    def forward(self, x):
        return x + self.body(x)


class Oracle(nn.Module):
    """`singles`: number of answers of each single question; then the numbers of kinds, of colours and of counts."""

    def __init__(self, singles, kinds, colours, counts=4, widths=(40, 80, 128)):
        super().__init__()
        a, b, c = widths
        self.stem = nn.Sequential(layer(3, a, 8, 4, 2), Residual(a))
        self.middle = nn.Sequential(layer(a, b, stride=2), Residual(b))
        self.deep = nn.Sequential(layer(b, c, stride=2), Residual(c))
        self.sum_up = nn.Linear(2 * c, FEATURES)
        self.singles = nn.ModuleList([nn.Linear(FEATURES, n) for n in singles])
        self.back, self.merge = nn.Conv2d(c, b, 1), layer(b, b)
        self.kinds = nn.Conv2d(b, kinds + 1, 1)
        self.spot = nn.Conv2d(a, b, 2, 2)
        self.gain, self.bias = nn.Parameter(torch.ones(kinds)), nn.Parameter(torch.full((kinds,), -2.0))
        self.colour = nn.Sequential(nn.Linear(2 * b, 64), nn.SiLU(), nn.Linear(64, colours))
        self.count = nn.Sequential(nn.Linear(2 * b + 1, 48), nn.SiLU(), nn.Linear(48, counts))
        with torch.no_grad():
            self.kinds.bias[-1] = 5.0  # most cells are empty

    def forward(self, x):
        """x [N, 3, 128, 128] in [-1, 1] -> features [N, FEATURES], logits of the single questions, logits of what is in each cell
        [N, K + 1, 16, 16] (the last: no thing), looks [N, 2 B, 16, 16]: what a cell looks like, for `ask`."""
        early = self.stem(x)
        mid = self.middle(early)
        deep = self.deep(mid)
        features = self.sum_up(torch.cat([deep.mean((2, 3)), deep.amax((2, 3))], 1))
        merged = self.merge(mid + F.interpolate(self.back(deep), scale_factor=2.0))
        looks = torch.cat([merged, self.spot(early)], 1)
        return features.float(), [h(F.silu(features)).float() for h in self.singles], self.kinds(merged).float(), looks.float()

    def there(self, cells):
        """Logits [N, K] of a kind being anywhere."""
        flat = cells.flatten(2)
        over = flat[:, :-1] - flat[:, -1:]
        return self.gain * torch.logsumexp(2 * over, 2) / 2 + self.bias

    def ask(self, cover, looks):
        """What a thing looks like whose cover of the cells is [M, 16, 16]: logits of colour [M, colours] and count [M, counts]."""
        cover, looks = cover.flatten(1), looks.flatten(2)
        share = cover ** 2 / ((cover ** 2).sum(1, keepdim=True) + 1e-6)
        mean, whole = torch.einsum("mp,mcp->mc", share, looks), torch.einsum("mp,mcp->mc", cover, looks) / 16
        return self.colour(mean), self.count(torch.cat([whole, cover.sum(1, keepdim=True) / 16], 1))


def covers_of(cells):
    """How much of each cell each kind covers, [N, K, 16, 16], from the logits."""
    return torch.softmax(cells, 1)[:, :-1]


def centres(cover):
    """(x, y) in 0 to 1 of covers [N, K, 16, 16]: the middle of what is covered, [N, K, 2]."""
    p = cover ** 2
    p = p / (p.sum((2, 3), keepdim=True) + 1e-9)
    at = (torch.arange(p.shape[-1], device=p.device) + 0.5) / p.shape[-1]
    return torch.stack([(p.sum(2) * at).sum(2), (p.sum(3) * at).sum(2)], 2)


def loss(net, x, singles, items, covers):
    """Cross entropies of everything. singles int64 [N, 5]; items int64 [N, I, 3], kind -1 where there is none; covers float
    [N, I, 16, 16]: what share of each cell an item covers."""
    _, said, cells, looks = net(x)
    total = sum(F.cross_entropy(s, singles[:, i]) for i, s in enumerate(said))
    n, k = torch.nonzero(items[:, :, 0] >= 0, as_tuple=True)
    kind, colour, count = items[n, k].unbind(1)
    want, here = torch.zeros_like(cells), torch.zeros(len(x), cells.shape[1] - 1, device=cells.device)
    want[n, kind] = covers[n, k]
    here[n, kind] = 1
    filled = want.sum(1).clamp(max=1)
    want[:, -1] = 1 - filled
    error = -(want * F.log_softmax(cells, 1)).sum(1)
    total = total + 2 * (error * filled).sum() / (filled.sum() + 1) + (error * (1 - filled)).mean()
    total = total + F.binary_cross_entropy_with_logits(net.there(cells), here, reduction="sum") / len(x)
    if len(n):
        seen = covers_of(cells)[n, kind]
        for cover in (covers[n, k], seen):
            hues, counts = net.ask(cover, looks[n])
            total = total + 0.5 * F.cross_entropy(hues.float(), colour) + 0.25 * F.cross_entropy(counts.float(), count)
    return total
