/* The library: clocks that run, a count of what is selected, and older pictures as one scrolls. Without this file the
   same is done by links and by the buttons below the gallery. */
(() => {
    'use strict';
    const MINUTE = 60000;
    const MOST = 100; // pictures that one request takes
    const gallery = document.getElementById('gallery');
    const bar = document.getElementById('bar');
    const count = document.getElementById('count');

    const words = document.getElementById('library').dataset; // in the visitor's language

    const say = (sentence, n) => sentence.replace('%d', n);
    // As the server does it (expiry.c): rounded down, so that nothing vanishes earlier than it says.
    const left = (ms) => {
        if (ms < MINUTE)
            return words.soon;
        if (ms < 120 * MINUTE)
            return say(words.minutes, Math.floor(ms / MINUTE));
        if (ms < 2880 * MINUTE)
            return say(words.hours, Math.floor(ms / (60 * MINUTE)));
        return say(words.days, Math.floor(ms / (1440 * MINUTE)));
    };
    const tick = () => {
        for (const clock of document.querySelectorAll('[data-clock]')) {
            const ms = Date.parse(clock.dateTime) - Date.now();
            const now = left(ms);
            if (clock.textContent !== now)
                clock.textContent = now;
            const tile = clock.closest('li');
            if (tile)
                tile.classList.toggle('gone', ms <= 0);
            if (tile && ms < 60 * MINUTE)
                clock.parentElement.classList.add('badge-time');
            const undo = clock.closest('.undo');
            if (undo && ms <= 0)
                undo.remove();
        }
    };
    setInterval(tick, 5000);
    document.addEventListener('visibilitychange', tick); // a page in the background sleeps

    if (!gallery || !bar || !count)
        return;

    const picks = () => [...gallery.querySelectorAll('input[name="id"]')];
    const all = document.createElement('button');
    all.type = 'button';
    all.className = 'button quiet small';
    const show = () => {
        const boxes = picks();
        const chosen = boxes.filter((box) => box.checked).length;
        const full = chosen >= MOST;
        count.hidden = false;
        count.textContent = chosen === 0 ? words.none : say(full ? words.full : words.some, chosen);
        for (const button of bar.querySelectorAll('button[name="do"]'))
            button.hidden = chosen === 0;
        for (const box of boxes)
            box.disabled = full && !box.checked;
        all.textContent = chosen > 0 ? words.nothing : words.all;
    };
    all.addEventListener('click', () => {
        const on = !picks().some((box) => box.checked);
        picks().forEach((box, i) => {
            box.checked = on && i < MOST;
        });
        show();
    });
    count.after(all);
    gallery.addEventListener('change', show);
    // Firefox keeps checkboxes over a reload.
    show();

    // --- older pictures when the end comes near ---
    const pager = document.getElementById('pager');
    const next = () => pager && pager.querySelector('a[rel="next"]');
    let busy = false;
    const fetchOlder = async () => {
        const link = next();
        if (!link || busy)
            return;
        busy = true;
        try {
            const answer = await fetch(link.href, { credentials: 'same-origin' });
            const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
            const more = page.getElementById('gallery');
            if (!answer.ok || !more)
                throw new Error('no gallery');
            gallery.append(...[...more.children].map((tile) => document.adoptNode(tile)));
            const further = page.querySelector('#pager a[rel="next"]');
            if (further)
                link.setAttribute('href', further.getAttribute('href'));
            else
                link.remove();
            show();
            tick();
        } catch {
            watch.disconnect(); // the link stays for a visit by hand
        }
        busy = false;
        if (next()) { // tells again where the link is now
            watch.unobserve(link);
            watch.observe(link);
        }
    };
    const watch = new IntersectionObserver((seen) => {
        if (seen.some((entry) => entry.isIntersecting))
            fetchOlder();
    }, { rootMargin: '600px' });
    if (next())
        watch.observe(next());
})();
