/* The studio's form, alive: the price while one chooses, examples that fill in, exact sizes only when wanted, pictures by
   click, drop or paste, shown from the visitor's own file. Without this file the form works the same; the server decides
   the price. Rule: app/studio/price.c, draft_form.c. */
(() => {
    'use strict';
    const form = document.getElementById('studio');
    if (!form)
        return;
    const part = (id) => document.getElementById(id);
    const price = part('price'), number = part('price-number'), unit = part('price-unit');
    const prompt = part('prompt'), count = part('prompt-count'), submit = part('submit');
    const mask = part('mask');
    const words = form.dataset, label = submit.textContent;
    const value = (name, otherwise) => {
        const field = form.elements[name];
        return field && field.value !== '' ? Number(field.value) : otherwise;
    };

    /* --- price --- */

    const size = () => {
        const chosen = form.querySelector('input[name=size]:checked');
        if (!chosen || chosen.value === 'exact')
            return [value('width', 0), value('height', 0)];
        return [Number(chosen.dataset.width), Number(chosen.dataset.height)];
    };

    /* Units of work that one picture takes: as measured, or in proportion to pixels and steps. */
    const multiples = (pixels, steps) => {
        const plain = pixels * steps / (words.unitPixels * words.unitSteps);
        if (!words.unitShape)
            return Math.ceil(plain);
        const k = words.unitShape.split(' ').map(Number);
        const at = (i) => Math.max(k[i] + k[i + 1] * pixels + k[i + 2] * pixels * pixels, 0);
        const work = Math.min(Math.max(at(0) + steps * at(3), plain / 64), plain * 64);
        return Math.max(Math.ceil(work - 0.1), 1);
    };
    const sum = () => {
        if (words.mode === 'create_cleanup')
            return Number(words.unitPrice);
        if (words.mode === 'create_upscale')
            return words.unitPrice * value('factor', 2) / 2;
        const [width, height] = size();
        const steps = Math.max(Math.ceil(value('steps', 0) * value('strength', 1) - 1e-9), 1);
        return words.unitPrice * multiples(width * height, steps) * value('frames', value('images', 1));
    };
    const showPrice = () => {
        const credits = sum();
        const known = Number.isFinite(credits) && credits > 0;
        number.textContent = known ? String(credits) : '–';
        unit.textContent = credits === 1 ? words.sayCredit : words.sayCredits;
        price.classList.toggle('too-dear', known && credits > Number(words.have));
    };

    /* --- fields --- */

    /* Exact sizes begin with the shape that was chosen before. */
    const carrySize = (event) => {
        const target = event.target;
        if (target.name !== 'size' || target.value === 'exact')
            return;
        form.elements.width.value = target.dataset.width;
        form.elements.height.value = target.dataset.height;
    };
    const showCount = () => {
        if (!prompt)
            return;
        const bytes = new TextEncoder().encode(prompt.value).length;
        const most = Number(prompt.maxLength);
        count.textContent = bytes > most / 2 ? `${bytes} / ${most}` : '';
    };
    const show = () => {
        showPrice();
        showCount();
    };
    if (part('examples'))
        part('examples').addEventListener('click', (event) => {
            const chip = event.target.closest('a');
            if (!chip || event.ctrlKey || event.metaKey || event.shiftKey)
                return;
            event.preventDefault();
            prompt.value = chip.textContent;
            prompt.focus();
            showCount();
        });
    if (prompt)
        prompt.addEventListener('keydown', (event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
                form.requestSubmit();
        });
    form.addEventListener('change', carrySize);
    form.addEventListener('input', show);

    /* --- the picture --- */

    const drop = part('drop'), field = part('picture'), shown = part('drop-picture'), trouble = part('picture-trouble');
    const tell = (image) => document.dispatchEvent(new CustomEvent('picture', {detail: image}));

    /* The shape on offer that fits the picture best. */
    const chooseShape = (image) => {
        let best = null, least = Infinity;
        for (const choice of form.querySelectorAll('input[name=size][data-width]')) {
            const ratio = choice.dataset.width / choice.dataset.height, pixels = choice.dataset.width * choice.dataset.height;
            const off = Math.abs(Math.log(ratio * image.height / image.width)) + pixels * 1e-9;
            if (choice.value !== 'exact' && off < least)
                [best, least] = [choice, off];
        }
        if (best) {
            best.checked = true;
            carrySize({target: best});
        }
    };
    const paint = (image) => {
        const scale = Math.min(1, 960 / Math.max(image.width, image.height));
        shown.width = Math.max(Math.round(image.width * scale), 1);
        shown.height = Math.max(Math.round(image.height * scale), 1);
        shown.getContext('2d').drawImage(image, 0, 0, shown.width, shown.height);
        shown.hidden = Boolean(mask); /* there it lies under the brush */
    };
    const complain = (text) => {
        trouble.textContent = text;
        trouble.hidden = !text;
    };
    const take = async (image, own) => {
        paint(image);
        chooseShape(image);
        if (own && part('given'))
            part('given').remove();
        tell(image);
        show();
    };
    const look = async () => {
        const file = field.files[0];
        complain('');
        shown.hidden = true;
        tell(null);
        if (!file)
            return;
        try {
            if (file.size > Number(trouble.dataset.max))
                throw new RangeError(trouble.dataset.saySize);
            await take(await createImageBitmap(file), true);
        } catch (error) {
            field.value = '';
            complain(error instanceof RangeError ? error.message : trouble.dataset.sayKind);
        }
    };
    const give = (list) => {
        const file = [...list].find((f) => f.type.startsWith('image/'));
        if (!file)
            return false;
        const one = new DataTransfer();
        one.items.add(file);
        field.files = one.files;
        look();
        return true;
    };
    const begin = () => {
        field.addEventListener('change', look);
        document.addEventListener('paste', (event) => {
            if (event.clipboardData && give(event.clipboardData.files))
                event.preventDefault();
        });
        for (const name of ['dragenter', 'dragover'])
            document.addEventListener(name, (event) => {
                event.preventDefault();
                drop.classList.add('drop-over');
            });
        document.addEventListener('dragleave', (event) => {
            if (!event.relatedTarget)
                drop.classList.remove('drop-over');
        });
        document.addEventListener('drop', (event) => {
            event.preventDefault();
            drop.classList.remove('drop-over');
            give(event.dataTransfer.files);
        });
        const given = document.querySelector('#given img');
        if (given && mask) {
            const whole = new Image();
            whole.src = given.src.replace(/\/thumb(?=$|\?)/, '/file');
            whole.decode().then(() => take(whole, false), () => {});
        }
        if (field.files.length > 0)
            look();
    };
    if (field)
        begin();

    /* --- sending --- */

    let ready = false;
    form.addEventListener('submit', async (event) => {
        if (mask && !ready) {
            event.preventDefault();
            if (!mask.check())
                return;
            await mask.fill();
            ready = true;
            setTimeout(() => form.requestSubmit(submit)); /* not while this event is still on its way */
            return;
        }
        submit.disabled = true;
        submit.textContent = words.saySending;
    });
    /* Coming back with the browser's button finds the form ready again. */
    window.addEventListener('pageshow', () => {
        ready = false;
        submit.disabled = false;
        submit.textContent = label;
        show();
    });
})();
