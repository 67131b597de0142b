"""Samplers in plain numpy and PyTorch, each from its paper or the scheduler it is known by, sharing no code with the engine.

A sampler is made from the scheduler's configuration and the number of steps. `times` is what the U-Net is told;
`start(noise)` the first latent, `noisy(clean, noise, i)` a latent as it is before step i, `scale(x, i)` the U-Net's input,
`step(x, out, i, noise)` the next latent.
"""
import numpy as np


def cumulative(config):
    n, a, b = config['num_train_timesteps'], config['beta_start'], config['beta_end']
    betas = np.linspace(a**0.5, b**0.5, n)**2 if config['beta_schedule'] == 'scaled_linear' else np.linspace(a, b, n)
    alphas = np.cumprod(1 - betas)
    if config.get('rescale_betas_zero_snr'):
        root = alphas**0.5
        alphas = ((root - root[-1]) * root[0] / (root[0] - root[-1]))**2
    return alphas


def karras(high, low, n, rho=7):
    ramp = np.linspace(0, 1, n)
    return (high**(1 / rho) + ramp * (low**(1 / rho) - high**(1 / rho)))**rho


class Sampler:
    fractional = False

    def __init__(self, config, n):
        self.config, self.n, self.alphas = config, n, cumulative(config)
        self.v = config['prediction_type'] == 'v_prediction'
        finite = np.maximum(self.alphas, 2.0**-24)
        self.levels = ((1 - finite) / finite)**0.5
        self.end = self.levels[0] if config.get('final_sigmas_type') == 'sigma_min' else 0.0
        self.times = self.spaced()
        self.first = 0

    def spaced(self):
        total, spacing, n = len(self.alphas), self.config['timestep_spacing'], self.n
        if spacing == 'leading':
            return np.arange(n)[::-1] * (total // n) + self.config.get('steps_offset', 0)
        if spacing == 'trailing':
            return np.round(np.arange(total, 0, -total / n)) - 1
        t = np.linspace(0, total - 1, n)[::-1]
        return t if self.fractional else np.round(t)

    def begin_late(self, strength):
        self.first = self.n - min(int(self.n * strength), self.n)

    def start(self, noise):
        return noise

    def scale(self, x, i):
        return x

    def nearest_times(self, sigmas):
        return np.interp(np.log(sigmas), np.log(self.levels), np.arange(len(self.levels)))

    def vp(self, i):
        """Signal and noise at step i."""
        a = self.alphas[int(self.times[i])]
        return a**0.5, (1 - a)**0.5

    def noisy(self, clean, noise, i):
        if i == len(self.times):
            return clean
        s, e = self.vp(i)
        return s * clean + e * noise

    def split(self, x, out, i):
        s, e = self.vp(i)
        if self.v:
            return s * x - e * out, s * out + e * x
        return (x - e * out) / s, out


class DDIM(Sampler):
    def step(self, x, out, i, noise):
        x0, eps = self.split(x, out, i)
        before = int(self.times[i]) - len(self.alphas) // self.n
        a = self.alphas[before] if before >= 0 else 1.0 if self.config.get('set_alpha_to_one', True) else self.alphas[0]
        return a**0.5 * x0 + (1 - a)**0.5 * eps


class Euler(Sampler):
    fractional = True

    def __init__(self, config, n):
        super().__init__(config, n)
        sigmas = np.interp(self.times, np.arange(len(self.alphas)), self.levels)
        if config.get('use_karras_sigmas') and type(self) is Euler:
            sigmas = karras(sigmas[0], sigmas[-1], n)
            self.times = self.nearest_times(sigmas)
        self.sigmas = np.append(sigmas, self.end)

    def start(self, noise):
        top = self.sigmas[:-1].max()
        return noise * (top if self.config['timestep_spacing'] in ('linspace', 'trailing') else (top**2 + 1)**0.5)

    def scale(self, x, i):
        return x / (self.sigmas[i]**2 + 1)**0.5

    def noisy(self, clean, noise, i):
        return clean + self.sigmas[i] * noise

    def clean(self, x, out, i):
        s = self.sigmas[i]
        return x / (s**2 + 1) - out * s / (s**2 + 1)**0.5 if self.v else x - s * out

    def step(self, x, out, i, noise):
        slope = (x - self.clean(x, out, i)) / self.sigmas[i]
        return x + slope * (self.sigmas[i + 1] - self.sigmas[i])


class Ancestral(Euler):
    def step(self, x, out, i, noise):
        s, t = self.sigmas[i], self.sigmas[i + 1]
        up = (t**2 * (s**2 - t**2) / s**2)**0.5
        down = (t**2 - up**2)**0.5
        return x + (x - self.clean(x, out, i)) / s * (down - s) + noise * up


class DPM(Sampler):
    """DPM-Solver++ 2M, midpoint; log-SNR as in the paper."""
    karras = False

    def spaced(self):
        total, spacing, n = len(self.alphas), self.config['timestep_spacing'], self.n
        if spacing == 'linspace':
            return np.round(np.linspace(0, total - 1, n + 1))[::-1][:-1]
        if spacing == 'leading':
            return np.arange(n + 1)[::-1][:-1] * (total // (n + 1)) + self.config.get('steps_offset', 0)
        return super().spaced()

    def __init__(self, config, n):
        super().__init__(config, n)
        self.sigmas = self.levels[self.times.astype(int)]
        if self.karras:
            self.sigmas = karras(self.levels[-1], self.levels[0], n)
            self.times = np.round(self.nearest_times(self.sigmas))
        self.sigmas = np.append(self.sigmas, self.end)
        self.old = None

    def vp(self, i):
        a = 1 / (self.sigmas[i]**2 + 1)**0.5
        return a, self.sigmas[i] * a

    def step(self, x, out, i, noise):
        now = self.split(x, out, i)[0]
        old, self.old = self.old, now
        if self.sigmas[i + 1] == 0:
            return now
        (a, s), (b, t) = self.vp(i), self.vp(i + 1)
        h = np.log(b / t) - np.log(a / s)
        d = now
        if old is not None and not (i == self.n - 1 and self.n < 15):
            c, u = self.vp(i - 1)
            r = (np.log(a / s) - np.log(c / u)) / h
            d = (1 + 1 / (2 * r)) * now - 1 / (2 * r) * old
        return t / s * x - b * (np.exp(-h) - 1) * d


class DPMKarras(DPM):
    karras = True


class LCM(Sampler):
    def spaced(self):
        return self.grid(1.0)

    def grid(self, strength):
        origin = self.config.get('original_inference_steps', 50)
        grid = np.arange(1, int(origin * strength) + 1) * (len(self.alphas) // origin) - 1
        return grid[::-1][np.floor(np.linspace(0, len(grid), self.n, endpoint=False)).astype(int)]

    def begin_late(self, strength):
        self.times = self.grid(strength)

    def step(self, x, out, i, noise):
        t = self.times[i] * 10.0
        skip, keep = 0.25 / (t**2 + 0.25), t / (t**2 + 0.25)**0.5
        d = keep * self.split(x, out, i)[0] + skip * x
        return d if i + 1 == self.n else self.noisy(d, noise, i + 1)


KINDS = {'ddim': DDIM, 'euler': Euler, 'euler-a': Ancestral, 'dpm': DPM, 'dpm-karras': DPMKarras, 'lcm': LCM}
