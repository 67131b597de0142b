"""The stages of training, one function each; train.py runs them. Networks are in models.py and lama.py, sizes in recipe.py."""
import os

import numpy as np
import torch
import torch.nn.functional as F

import crew
import marks
import recipe
import shards
import textures
import tokenizer
import world
from fit import Fit, averaged, put
from lama import LaMa
from models import AutoencoderKL, CLIPTextModel, MotionAdapter, UNet2DConditionModel
from world import clips, compose, edits, scene, words


# --- words ---

def stage_words(w):
    """The tokenizer, learned from captions, instructions and movements."""
    if w.rank:
        return
    world.load()
    count = w.preset["texts"]
    texts = [words.caption(scene.scene(i), n) for i in range(count) for n in range(2)]
    texts += [edits.edit(20_000_000 + i)[1] for i in range(count // 4)] + [clips.words(30_000_000 + i) for i in range(count // 8)]
    tokenizer.Tokenizer(tokenizer.learn(texts), recipe.CONTEXT).save(w.path("tokenizer"))
    w.say(f"{len(tokenizer.load(w.path('tokenizer')).vocab)} tokens")


def tokens(w):
    return tokenizer.load(w.path("tokenizer"))


# --- autoencoder ---

def picture(seed):
    """A scene; every sixth is a photo-like surface, so that the autoencoder also keeps what visitors bring."""
    if seed // 2 % 6 == 5:
        return textures.texture(textures.NAMES[seed // 12 % len(textures.NAMES)], seed, recipe.SIDE)
    return compose.draw(scene.scene(seed), recipe.SIDE)


def pictures(w, count):
    """uint8 [count, SIDE, SIDE, 3] for this worker, drawn once."""
    path = w.path(f"pictures-{w.rank}-{w.count}.npy")
    if not os.path.exists(path):
        world.load()
        crew.hire(w)
        np.save(path, np.stack(crew.each(picture, range(recipe.VAE_SEEDS + w.rank, recipe.VAE_SEEDS + w.rank + w.count * count, w.count))))
    return np.load(path, mmap_mode="r")


def crops(rng, data, batch, side):
    out = np.empty((batch, side, side, 3), np.uint8)
    for j, i in enumerate(rng.randint(0, len(data), batch)):
        y, x = (rng.randint(0, (recipe.SIDE - side) // 8 + 1) * 8 for _ in range(2))
        crop = data[i, y : y + side, x : x + side]
        out[j] = crop[:, ::-1] if rng.rand() < 0.5 else crop
    return out


def opponents(x):
    """Brightness and two differences of colours, which weigh as much: else greys are learned first and colours for hours."""
    r, g, b = x.unbind(1)
    return torch.stack(((r + g + b) / 3, r - b, g - (r + b) / 2), 1)


def vae_loss(x, y, mean, logvar):
    """L1 and squares, edges (differences of neighbours), the colours of 4 x 4 and 8 x 8 squares, and a trace of KL."""
    edges = sum((torch.diff(y, dim=d) - torch.diff(x, dim=d)).abs().mean() for d in (2, 3))
    off = opponents(y - x)
    coarse = sum(F.avg_pool2d(off, k).abs().mean() for k in (4, 8))
    kl = 0.5 * (mean.pow(2) + logvar.exp() - 1 - logvar).mean()
    return (y - x).abs().mean() + 0.5 * (y - x).pow(2).mean() + 0.5 * edges + coarse + 2e-5 * kl


def anchor(x, mean):
    """How far three channels of the latent are from the colours of their squares: a start that is let go."""
    return (mean[:, :3] - 3 * F.avg_pool2d(x, 8)).pow(2).mean()


@torch.no_grad()
def plain_start(vae):
    """Begins as averages of squares that pass through unchanged: residual branches are silent, changes of resolution average and
    repeat. Colours are right after a few hundred steps instead of thousands."""
    for name, m in vae.named_modules():
        if name.endswith("conv2") or name.endswith("to_out.0"):
            torch.nn.init.zeros_(m.weight)
            torch.nn.init.zeros_(m.bias)
        elif name.endswith("conv_shortcut"):
            torch.nn.init.orthogonal_(m.weight)
        elif name.endswith("samplers.0.conv"):
            m.weight.zero_()
            same = torch.arange(len(m.weight))
            if "down" in name:
                m.weight[same, same, :2, :2] = 0.25
            else:
                m.weight[same, same, 1, 1] = 1.0


def stage_vae(w):
    p = w.preset
    vae = AutoencoderKL(recipe.VAE).to(w.device)
    plain_start(vae)
    data = pictures(w, p["scenes"])
    fit = Fit(w, {"vae": vae})
    while (share := fit.share()) < 1:
        last = share >= p["last_from"]
        x = shards.to_tensor(crops(fit.rng, data, p["last_batch"] if last else p["batch"], p["last_crop"] if last else p["crop"]), w.device)
        with w.autocast():
            mean, logvar = vae.encode(x)
            y = vae.decode(mean + torch.exp(0.5 * logvar) * torch.randn_like(mean))
        near = 0.2 * max(0.0, 1 - share / p["anchor"]) * anchor(x, mean.float())
        fit.update(vae_loss(x, y.float(), mean.float(), logvar.float()) + near, share)
    fit.finish()


def stage_decoder(w):
    """The decoder goes on alone: latents stay as they are, so nothing that was trained on them is lost. Without noise on the latents,
    which the encoder no longer has to learn to bear."""
    p, vae = w.preset, trained_vae(w)
    half = {"decoder": vae.decoder.requires_grad_(True), "post_quant_conv": vae.post_quant_conv.requires_grad_(True)}
    data, fit = pictures(w, p["scenes"]), Fit(w, half)
    while (share := fit.share()) < 1:
        x = shards.to_tensor(crops(fit.rng, data, p["batch"], p["crop"]), w.device)
        with w.autocast():
            with torch.no_grad():
                mean, logvar = vae.encode(x)
            y = vae.decode(mean)
        fit.update(vae_loss(x, y.float(), mean.float(), logvar.float()), share)
    fit.finish()


def trained_vae(w):
    vae = AutoencoderKL(recipe.VAE).to(w.device).eval()
    averaged(w.work, "vae", {"vae": vae}, w.device)
    return vae.requires_grad_(False)


def stage_shards(w):
    """Draws each set up to its number of shards; what is there stays."""
    crew.hire(w)
    vae, tok = trained_vae(w), tokens(w)
    for number in range(max(w.preset["counts"].values())):
        for name, count in w.preset["counts"].items():
            if number < count and number % w.count == w.rank:
                shards.make(w, name, number, vae, tok, w.preset["size"])
        if number % 10 == 0:
            w.say(f"shard {number}")
    if w.rank == 0 and not os.path.exists(w.path("scale.pt")):
        put(w.path("scale.pt"), round(1 / float(shards.Data(w, "scenes", tok).parts["latents"][0].float().std()), 5))


# --- text encoder ---

def text_config(tok):
    end = tok.vocab[tokenizer.END]
    return dict(recipe.TEXT, vocab_size=len(tok.vocab), bos_token_id=tok.vocab[tokenizer.START], eos_token_id=end, pad_token_id=end)


def new_text(tok):
    text = CLIPTextModel(text_config(tok))
    torch.nn.init.normal_(text.text_model.embeddings.token_embedding.weight, std=0.5)
    torch.nn.init.normal_(text.text_model.embeddings.position_embedding.weight, std=0.1)
    return text


class Asker(torch.nn.Module):
    """Asks a prompt's hidden states about the scene, by attention with a learned query for each question."""

    def __init__(self, width, answers):
        super().__init__()
        self.queries = torch.nn.Parameter(torch.randn(len(answers), width) * width ** -0.5)
        self.key = torch.nn.Linear(width, width)
        self.heads = torch.nn.ModuleList([torch.nn.Linear(width, n) for n in answers])

    def forward(self, hidden):
        p = torch.softmax(self.queries @ self.key(hidden).transpose(1, 2) * hidden.shape[-1] ** -0.5, -1)
        got = p @ hidden
        return [head(got[:, i]) for i, head in enumerate(self.heads)]


class Questions:
    """What a caption can be asked: style, time, weather, place, and for every kind of thing its colour (0: there is none) and its count."""

    def __init__(self):
        world.load()
        from world.kinds import KINDS
        from world.palette import COLOURS
        some = [words.labels(scene.scene(i)) for i in range(3000)]
        self.single = {key: sorted({s[key] for s in some}) for key in ("style", "time", "weather", "place")}
        self.kinds, self.colours = sorted(KINDS), list(COLOURS)
        self.answers = [len(v) for v in self.single.values()] + [len(self.colours) + 1, 5] * len(self.kinds)

    def truth(self, said):
        """int64 [questions] for a scene's labels."""
        out = [options.index(said[key]) for key, options in self.single.items()]
        things = {i["kind"]: (self.colours.index(i["colour"]) + 1, i["count"]) for i in said["items"]}
        for k in self.kinds:
            out += things.get(k, (0, 0))
        return np.array(out)


def told_sample(seed):
    """A caption and the scene's labels."""
    s = scene.scene(seed)
    return words.caption(s, seed % 50), words.labels(s)


def stage_text(w):
    """The text encoder learns what captions mean before any picture is seen: it answers questions about the scene."""
    tok, q, p = tokens(w), Questions(), w.preset
    text, asker = new_text(tok).to(w.device), Asker(recipe.TEXT["hidden_size"], q.answers).to(w.device)
    fit = Fit(w, {"text": text, "asker": asker})
    crew.hire(w)
    while (share := fit.share()) < 1:
        told, said = zip(*crew.each(told_sample, (40_000_001 + 2 * int(n) for n in fit.rng.randint(0, 1 << 30, p["batch"]))))
        ids = torch.tensor([tok.encode(t) for t in told]).to(w.device)
        truth = torch.from_numpy(np.stack([q.truth(s) for s in said])).to(w.device)
        answers = asker(text(ids))
        fit.update(sum(F.cross_entropy(a, truth[:, i]) for i, a in enumerate(answers)) / 8, share)
    fit.finish()


# --- U-Nets ---

def new_unet(channels):
    unet = UNet2DConditionModel(dict(recipe.UNET, in_channels=channels))
    torch.nn.init.zeros_(unet.conv_out.weight)
    torch.nn.init.zeros_(unet.conv_out.bias)
    return unet


def alphas():
    """Cumulative alpha of the scaled-linear schedule, [1000]."""
    s = recipe.SCHEDULER
    betas = torch.linspace(s["beta_start"] ** 0.5, s["beta_end"] ** 0.5, s["num_train_timesteps"], dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, 0).float()


def noised(x0, table, rng, frames=1):
    """times [N], x_t and the v to be predicted; times spread over the batch, one for all frames of a clip. Late ones, where outlines are
    decided, come more often than those that leave only detail."""
    n = len(x0) // frames
    t = torch.from_numpy((((np.arange(n) + rng.rand(n)) / n) ** 0.6 * 1000).astype(np.int64)).to(x0.device).repeat_interleave(frames)
    a, e = table[t][:, None, None, None], torch.randn_like(x0)
    return t, a.sqrt() * x0 + (1 - a).sqrt() * e, a.sqrt() * e - (1 - a).sqrt() * x0


def v_loss(got, v, t, table):
    """Squares, less where little noise leaves only detail to be guessed. Much noise counts in full: with min-SNR weights, which are
    near zero there, skies and grounds came out well and every thing as a blob, for that is where its outline is decided."""
    snr = table[t] / (1 - table[t])
    weight = torch.clamp(3 / snr, max=1)
    return (weight * (got.float() - v).pow(2).mean((1, 2, 3))).mean()


def drop(ids, empty, rng, share):
    """The empty prompt in place of this share of the prompts."""
    ids[torch.from_numpy(rng.rand(len(ids)) < share)] = empty
    return ids


def train_unet(w, name, channels, modules, start, beside):
    """A denoiser on the set `name`. `beside(batch, scale, rng)` -> more input channels, or None."""
    unet, text = (m.to(w.device) for m in modules)
    table, scale = alphas().to(w.device), torch.load(w.path("scale.pt"))
    data = shards.Data(w, name, tokens(w))
    fit = Fit(w, {"unet": unet, "text": text}, {"text": w.preset.get("text_rate", 1.0)})
    if fit.step == 0 and start:
        start(unet, text)
    empty = torch.tensor(tokens(w).encode("")).to(w.device)
    while (share := fit.share()) < 1:
        if fit.step % 200 == 199:
            data.fresh()
        near = fit.rng.rand() < w.preset.get("close_ups", 0)
        b = data.batch(fit.rng, w.preset["batch"] * (4 if near else 1), w.device)
        if near:
            b["latents"] = shards.close_ups(fit.rng, b["latents"], b["centres"])
        ids = drop(b["captions"], empty, fit.rng, 0.1)
        t, x, v = noised(b["latents"].float() * scale, table, fit.rng)
        more = beside(b, scale, fit.rng)
        with w.autocast():
            got = unet(x if more is None else torch.cat([x, more], 1), t, text(ids))
        fit.update(v_loss(got, v, t, table), share)
    fit.finish()


def widened(unet, base):
    """Weights of a base U-Net in one with more input channels; what is new adds nothing yet."""
    state = base.state_dict()
    first = torch.zeros_like(unet.conv_in.weight)
    first[:, : base.conv_in.weight.shape[1]] = base.conv_in.weight
    unet.load_state_dict(dict(state, **{"conv_in.weight": first}))


def base_model(w):
    tok = tokens(w)
    unet, text = new_unet(4), new_text(tok)
    averaged(w.work, "unet", {"unet": unet, "text": text})
    return unet, text


def stage_unet(w):
    text = new_text(tokens(w))
    if os.path.exists(w.path("text.pt")):
        averaged(w.work, "text", {"text": text})
    train_unet(w, "scenes", 4, (new_unet(4), text), None, lambda b, scale, rng: None)


def from_base(w, name, channels, beside):
    base, text = base_model(w)
    unet = new_unet(channels)
    widened(unet, base)
    text.requires_grad_(False)  # one text encoder serves all
    train_unet(w, name, channels, (unet, text), None, beside)


def stage_inpaint(w):
    def beside(b, scale, rng):
        return torch.cat([b["masks"][:, None].float(), b["beside"].float() * scale], 1)
    from_base(w, "holes", 9, beside)


def stage_edit(w):
    def beside(b, scale, rng):
        kept = torch.from_numpy(rng.rand(len(b["beside"])) >= 0.1).to(w.device)[:, None, None, None]
        return b["beside"].float() * kept  # unscaled, as InstructPix2Pix has it
    from_base(w, "edits", 8, beside)


def stage_motion(w):
    """Motion modules and PIA's first convolution; the U-Net stays as it is."""
    base, text = (m.to(w.device).requires_grad_(False) for m in base_model(w))
    adapter = MotionAdapter(recipe.UNET, recipe.MOTION).to(w.device)
    with torch.no_grad():
        adapter.conv_in.weight.zero_()[:, :4] = base.conv_in.weight
        adapter.conv_in.bias.copy_(base.conv_in.bias)
    base.conv_in = adapter.conv_in
    table, scale, frames = alphas().to(w.device), torch.load(w.path("scale.pt")), recipe.MOTION["motion_max_seq_length"]
    data, fit = shards.Data(w, "clips", tokens(w)), Fit(w, {"motion": adapter})
    empty = torch.tensor(tokens(w).encode("")).to(w.device)
    likeness = torch.cat([torch.ones(1), 1 - recipe.STRENGTH * torch.linspace(0.4, 0.5, frames - 1)]).to(w.device)
    while (share := fit.share()) < 1:
        if fit.step % 100 == 99:
            data.fresh()
        b = data.batch(fit.rng, w.preset["batch"], w.device)
        x0 = b["latents"].float() * scale
        n, _, z, h, side = x0.shape
        t, x, v = noised(x0.flatten(0, 1), table, fit.rng, frames)
        still = x0[:, :1].expand(-1, frames, -1, -1, -1).flatten(0, 1)
        near = likeness.repeat(n)[:, None, None, None].expand(-1, 1, h, side)
        context = text(drop(b["captions"], empty, fit.rng, 0.1)).repeat_interleave(frames, 0)
        with w.autocast():
            got = base(torch.cat([x, near, still], 1), t, context, adapter)
        fit.update(v_loss(got, v, t, table), share)
    fit.finish()


# --- few steps ---

def ddim(x, v, t, to, table):
    """x at time `to` from x at time t and the predicted v; to = -1 is the clean picture."""
    a = table[t][:, None, None, None]
    b = torch.where(to >= 0, table[to.clamp(min=0)], torch.ones_like(table[0]))[:, None, None, None]
    x0, e = a.sqrt() * x - (1 - a).sqrt() * v, a.sqrt() * v + (1 - a).sqrt() * x
    return b.sqrt() * x0 + (1 - b).sqrt() * e


def boundary(t):
    """LCM's c_skip and c_out (sigma_data 0.5, times scaled by 10)."""
    s = (t.float() * 10)[:, None, None, None]
    return 0.25 / (s * s + 0.25), s / (s * s + 0.25).sqrt()


def consistent(unet, x, t, context, table):
    """The consistency function: the clean picture that x at time t leads to."""
    a = table[t][:, None, None, None]
    v = unet(x, t, context).float()
    skip, out = boundary(t)
    return skip * x + out * (a.sqrt() * x - (1 - a).sqrt() * v)


def stage_distill(w):
    """Latent consistency distillation on a grid of 50 times; the guidance of the teacher is baked in."""
    teacher, text = (m.to(w.device).requires_grad_(False) for m in base_model(w))
    student, target = new_unet(4).to(w.device), new_unet(4).to(w.device).requires_grad_(False)
    student.load_state_dict(teacher.state_dict())
    table, scale, p = alphas().to(w.device), torch.load(w.path("scale.pt")), w.preset
    data, fit = shards.Data(w, "scenes", tokens(w)), Fit(w, {"unet": student})
    target.load_state_dict(student.state_dict())
    empty = torch.tensor(tokens(w).encode("")).to(w.device)
    while (share := fit.share()) < 1:
        b = data.batch(fit.rng, p["batch"], w.device)
        n = len(b["latents"])
        k = torch.from_numpy(fit.rng.randint(1, 51, n)).to(w.device)
        t, to = k * 20 - 1, k * 20 - 21
        context, none = text(b["captions"]), text(empty[None].expand(n, -1))
        a = table[t][:, None, None, None]
        x0 = b["latents"].float() * scale
        x = a.sqrt() * x0 + (1 - a).sqrt() * torch.randn_like(x0)
        with torch.no_grad(), w.autocast():
            told, plain = teacher(torch.cat([x, x]), torch.cat([t, t]), torch.cat([context, none])).float().chunk(2)
            y = ddim(x, plain + p["guidance"] * (told - plain), t, to, table)
            clean = torch.where((to >= 0)[:, None, None, None], consistent(target, y, to.clamp(min=0), context, table), y)
        with w.autocast():
            got = consistent(student, x, t, context, table)
        fit.update((((got - clean) ** 2 + 1e-6).sqrt() - 1e-3).mean(), share)
        with torch.no_grad():
            for q, s in zip(target.parameters(), student.parameters()):
                q.lerp_(s, 0.05)
    fit.finish()


# --- clean-up ---

def stage_clean(w):
    """LaMa on scenes and on photo-like textures, with strokes and watermarks as holes: absolute differences, four times as heavy in
    the hole, and those of neighbouring pixels."""
    p, net = w.preset, LaMa(**recipe.LAMA).to(w.device)
    data, fit = pictures(w, recipe.PRESETS["cpu"]["vae"]["scenes"] if p.get("minutes") else 2), Fit(w, {"lama": net})
    kinds = len(textures.NAMES)
    surfaces = np.stack([textures.texture(textures.NAMES[i % kinds], 50_000_000 + i, recipe.SIDE) for i in range(p["surfaces"])])
    while (share := fit.share()) < 1:
        halves = (crops(fit.rng, data, p["batch"] - p["batch"] // 2, p["crop"]), crops(fit.rng, surfaces, p["batch"] // 2, p["crop"]))
        x = (shards.to_tensor(np.concatenate(halves), w.device) + 1) / 2
        made = [marks.mark(fit.rng, p["crop"])[0] > 0.02 if fit.rng.rand() < 0.5 else marks.hole(fit.rng, p["crop"]) for _ in range(len(x))]
        mask = torch.from_numpy(np.stack(made).astype(np.float32))[:, None].to(w.device)
        y = net(x, mask)
        edges = sum(((torch.diff(y, dim=d) - torch.diff(x, dim=d)).abs()).mean() for d in (2, 3))
        fit.update(((1 + 4 * mask) * (y - x).abs()).mean() + edges, share)
    fit.finish()


# name -> function
STAGES = {"words": stage_words, "vae": stage_vae, "decoder": stage_decoder, "shards": stage_shards, "text": stage_text, "unet": stage_unet,
          "inpaint": stage_inpaint, "edit": stage_edit, "motion": stage_motion, "distill": stage_distill,
          "clean": stage_clean}
