/* A job's page, alive: asks for the snapshot as often as it changes and hardly at all when it does not, and takes the
   finished pictures in without loading the page again. Without this file the page reloads itself. */
(() => {
    'use strict';
    const QUICK = 600, SLOW = 5000, HIDDEN = 15000; /* ms between questions */
    const suffix = document.title.replace(/^.*? · /, ' · ');
    let job = document.getElementById('job');
    if (!job || job.dataset.ended === 'yes')
        return;
    let seen = Number(job.dataset.seen) || 0;
    let tag = '', pause = QUICK, aloud = '', timer = 0;

    const part = (id) => document.getElementById(id);

    const later = () => {
        clearTimeout(timer);
        timer = setTimeout(ask, document.hidden ? Math.max(pause, HIDDEN) : pause);
    };

    /* The new preview takes the old one's place when it has arrived, so nothing flickers. */
    const showPreview = (preview) => {
        if (!preview || preview.step <= seen)
            return;
        seen = preview.step;
        const next = new Image();
        next.id = 'preview';
        next.className = 'stage-preview';
        next.alt = 'Preview of the unfinished picture';
        next.onload = () => {
            const old = part('preview'), stage = part('stage');
            if (old)
                old.replaceWith(next);
            else if (stage)
                stage.append(next);
        };
        next.src = preview.url;
    };

    /* Said aloud for screen readers: changes of state and every quarter, not every step. */
    const sayAloud = (s) => {
        const what = `${s.state} ${Math.floor(s.percent / 25)}`;
        if (what === aloud)
            return;
        aloud = what;
        part('said-aloud').textContent = s.words;
    };

    const show = (s) => {
        part('state').textContent = s.label;
        part('words').textContent = s.words;
        part('bar').value = s.percent;
        document.title = s.title + suffix;
        showPreview(s.preview);
        sayAloud(s);
    };

    const finish = async () => {
        const answer = await fetch(job.dataset.page, {headers: {Accept: 'text/html'}});
        if (!answer.ok)
            throw new Error(String(answer.status));
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const fresh = page.getElementById('job');
        if (!fresh) {
            location.reload();
            return;
        }
        const images = [...fresh.querySelectorAll('.result img')];
        await Promise.all(images.map((image) => {
            const ahead = new Image();
            ahead.src = image.getAttribute('src');
            return ahead.decode().catch(() => {});
        }));
        job.replaceWith(document.adoptNode(fresh));
        job = fresh;
        job.classList.add('just-done');
        document.title = page.title;
        const credits = page.getElementById('credits');
        if (credits && part('credits'))
            part('credits').replaceWith(document.adoptNode(credits));
    };

    const ask = async () => {
        try {
            const url = `${job.dataset.status}?seen=${seen}`;
            const headers = {Accept: 'application/json'};
            if (tag)
                headers['If-None-Match'] = tag;
            const answer = await fetch(url, {headers, redirect: 'manual'});
            if (answer.status === 304) {
                pause = Math.min(pause * 1.5, SLOW);
            } else if (answer.status === 200) {
                const s = await answer.json();
                tag = answer.headers.get('ETag') || '';
                if (s.ended) {
                    await finish();
                    return;
                }
                pause = QUICK;
                show(s);
            } else if (answer.status === 429 || answer.status >= 500) {
                pause = Math.max(1000 * Number(answer.headers.get('Retry-After')), 2 * SLOW);
            } else { /* signed out elsewhere, or the job is gone: the page itself says so */
                location.reload();
                return;
            }
        } catch {
            pause = Math.min(pause * 2, 2 * SLOW);
        }
        later();
    };

    document.addEventListener('visibilitychange', () => {
        if (!document.hidden && job.dataset.ended !== 'yes') {
            pause = QUICK;
            later();
        }
    });
    later();
})();
