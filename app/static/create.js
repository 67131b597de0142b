/* The studio's form, alive: the price while one chooses, examples that fill in, exact sizes only when wanted. Without
   this file the form works the same; the server decides the price. Rule: app/studio/price.c. */
(() => {
    'use strict';
    const form = document.getElementById('studio');
    if (!form)
        return;
    const price = document.getElementById('price');
    const number = document.getElementById('price-number');
    const unit = document.getElementById('price-unit');
    const exact = document.getElementById('exact');
    const prompt = document.getElementById('prompt');
    const count = document.getElementById('prompt-count');
    const submit = document.getElementById('submit');

    const size = () => {
        const chosen = form.querySelector('input[name=size]:checked');
        if (!chosen || chosen.value === 'exact')
            return [Number(form.elements.width.value), Number(form.elements.height.value)];
        return [Number(chosen.dataset.width), Number(chosen.dataset.height)];
    };

    /* Units of work that one picture takes: as measured, or in proportion to pixels and steps. */
    const multiples = (pixels, steps) => {
        const plain = pixels * steps / (form.dataset.unitPixels * form.dataset.unitSteps);
        if (!form.dataset.unitShape)
            return Math.ceil(plain);
        const k = form.dataset.unitShape.split(' ').map(Number);
        const at = (i) => Math.max(k[i] + k[i + 1] * pixels + k[i + 2] * pixels * pixels, 0);
        const work = Math.min(Math.max(at(0) + steps * at(3), plain / 64), plain * 64);
        return Math.max(Math.ceil(work - 0.1), 1);
    };

    const showPrice = () => {
        const [width, height] = size();
        const steps = Number(form.elements.steps.value);
        const images = Number(form.elements.images.value);
        const pixels = width * height;
        const sum = form.dataset.unitPrice * multiples(pixels, steps) * images;
        const known = Number.isFinite(sum) && sum > 0 && pixels > 0 && steps > 0;
        number.textContent = known ? String(sum) : '–';
        unit.textContent = sum === 1 ? 'credit' : 'credits';
        price.classList.toggle('too-dear', known && sum > Number(form.dataset.have));
    };

    const showExact = () => {
        exact.hidden = !document.getElementById('size-exact').checked;
    };

    /* Exact sizes begin with the shape that was chosen before. */
    const carrySize = (event) => {
        const target = event.target;
        if (target.name !== 'size' || target.value === 'exact')
            return;
        form.elements.width.value = target.dataset.width;
        form.elements.height.value = target.dataset.height;
    };

    const showCount = () => {
        const bytes = new TextEncoder().encode(prompt.value).length;
        const most = Number(prompt.maxLength);
        count.textContent = bytes > most / 2 ? `${bytes} of ${most}` : '';
    };

    document.getElementById('examples').addEventListener('click', (event) => {
        const chip = event.target.closest('a');
        if (!chip || event.ctrlKey || event.metaKey || event.shiftKey)
            return;
        event.preventDefault();
        prompt.value = chip.textContent;
        prompt.focus();
        showCount();
    });
    prompt.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
            form.requestSubmit();
    });
    form.addEventListener('change', carrySize);
    form.addEventListener('input', () => {
        showExact();
        showPrice();
        showCount();
    });
    form.addEventListener('submit', () => {
        submit.disabled = true;
        submit.textContent = 'Sending …';
    });
    /* Coming back with the browser's button finds the form ready again. */
    window.addEventListener('pageshow', () => {
        submit.disabled = false;
        submit.textContent = 'Draw it';
        showExact();
        showPrice();
        showCount();
    });
})();
