"""LaMa, small: fills holes by fast Fourier convolutions. Tensor names are those of the published checkpoint ("model.5.conv1.ffc…").

Pixels are in [0, 1]; the mask is 1 in the hole. Formulas: saicinpainting/training/modules/ffc.py of LaMa.
"""
import torch
import torch.nn.functional as F
from torch import nn


class Reflected(nn.Conv2d):
    """A convolution without bias whose border mirrors the picture."""

    def __init__(self, cin, cout, side=3, stride=1):
        super().__init__(cin, cout, side, stride, bias=False)
        self.border = side // 2

    def forward(self, x):
        b = self.border
        return super().forward(F.pad(x, (b, b, b, b), mode="reflect"))


class FourierUnit(nn.Module):
    """A 1×1 convolution over real and imaginary parts, side by side in a channel."""

    def __init__(self, width):
        super().__init__()
        self.conv_layer = nn.Conv2d(2 * width, 2 * width, 1, bias=False)
        self.bn = nn.BatchNorm2d(2 * width)

    def forward(self, x):
        n, c, h, w = x.shape
        f = torch.fft.rfft2(x.float(), norm="ortho")
        f = torch.stack((f.real, f.imag), 2).reshape(n, 2 * c, h, w // 2 + 1)
        f = F.relu(self.bn(self.conv_layer(f))).reshape(n, c, 2, h, w // 2 + 1)
        return torch.fft.irfft2(torch.complex(f[:, :, 0].contiguous(), f[:, :, 1].contiguous()), s=(h, w), norm="ortho")


class Spectral(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(width, width // 2, 1, bias=False), nn.BatchNorm2d(width // 2))
        self.fu = FourierUnit(width // 2)
        self.conv2 = nn.Conv2d(width // 2, width, 1, bias=False)

    def forward(self, x):
        y = F.relu(self.conv1(x))
        return self.conv2(y + self.fu(y))


class FFC(nn.Module):
    """Local and global channels, each convolved into both."""

    def __init__(self, local, wide):
        super().__init__()
        self.ffc = nn.Module()
        self.ffc.convl2l, self.ffc.convl2g = Reflected(local, local), Reflected(local, wide)
        self.ffc.convg2l, self.ffc.convg2g = Reflected(wide, local), Spectral(wide)
        self.bn_l, self.bn_g = nn.BatchNorm2d(local), nn.BatchNorm2d(wide)

    def forward(self, local, wide):
        f = self.ffc
        return (F.relu(self.bn_l(f.convl2l(local) + f.convg2l(wide))), F.relu(self.bn_g(f.convl2g(local) + f.convg2g(wide))))


class FFCBlock(nn.Module):
    def __init__(self, local, wide):
        super().__init__()
        self.conv1, self.conv2 = FFC(local, wide), FFC(local, wide)

    def forward(self, local, wide):
        a, b = self.conv2(*self.conv1(local, wide))
        return local + a, wide + b


class Down(nn.Module):
    """A strided convolution into local channels, and into global ones at the last."""

    def __init__(self, cin, local, wide=0, side=3, stride=2):
        super().__init__()
        self.ffc = nn.Module()
        self.ffc.convl2l, self.bn_l = Reflected(cin, local, side, stride), nn.BatchNorm2d(local)
        if wide:
            self.ffc.convl2g, self.bn_g = Reflected(cin, wide, side, stride), nn.BatchNorm2d(wide)

    def forward(self, x):
        local = F.relu(self.bn_l(self.ffc.convl2l(x)))
        return (local, F.relu(self.bn_g(self.ffc.convl2g(x)))) if hasattr(self, "bn_g") else local


class LaMa(nn.Module):
    """`first` channels at full resolution, doubled at each of `downs` halvings, then `blocks` of Fourier convolutions."""

    def __init__(self, first, downs, blocks):
        super().__init__()
        self.downs, self.blocks = downs, blocks
        parts, width = {"1": Down(4, first, side=7, stride=1)}, first
        for i in range(2, downs + 1):
            parts[str(i)], width = Down(width, 2 * width), 2 * width
        local, wide = width // 2, width * 3 // 2
        parts[str(downs + 1)] = Down(width, local, wide)
        for i in range(downs + 2, downs + 2 + blocks):
            parts[str(i)] = FFCBlock(local, wide)
        width, at = local + wide, downs + blocks + 3
        for i in range(at, at + 3 * downs, 3):
            parts[str(i)] = nn.ConvTranspose2d(width, width // 2, 3, 2, 1, 1)
            parts[str(i + 1)], width = nn.BatchNorm2d(width // 2), width // 2
        parts[str(at + 3 * downs + 1)] = nn.Conv2d(width, 3, 7)
        self.model = nn.ModuleDict(parts)

    def forward(self, image, mask):
        """image [N, 3, H, W], mask [N, 1, H, W] -> [N, 3, H, W], everywhere."""
        m, downs = self.model, self.downs
        x = torch.cat([image * (1 - mask), mask], 1)
        for i in range(1, downs + 1):
            x = m[str(i)](x)
        pair = m[str(downs + 1)](x)
        for i in range(downs + 2, downs + 2 + self.blocks):
            pair = m[str(i)](*pair)
        x, at = torch.cat(pair, 1), downs + self.blocks + 3
        for i in range(at, at + 3 * downs, 3):
            x = F.relu(m[str(i + 1)](m[str(i)](x)))
        return torch.sigmoid(m[str(at + 3 * downs + 1)](F.pad(x, (3, 3, 3, 3), mode="reflect")))
