/* Painting a mask over a picture: brush, eraser, undo and redo, zoom; by mouse, finger, pen or keyboard. Strokes are kept as
   lines, so undoing is drawing the rest again. What is painted leaves as a PNG, white on black, in the form's own file field;
   without this file that field takes a mask made elsewhere. Starts when the page tells it of a picture ("picture" event). */
(() => {
    'use strict';
    const root = document.getElementById('mask');
    if (!root)
        return;
    const MOST = 1536; /* pixels of the longer side of a mask; it is fitted to the picture where it is used */
    const part = (name) => document.getElementById(`mask-${name}`);
    const view = part('view'), sheet = part('sheet'), picture = part('picture'), paint = part('paint'), ring = part('ring');
    const said = part('said'), sizeField = part('size'), field = document.getElementById('mask-file');
    const words = root.dataset;
    const ink = paint.getContext('2d');

    let strokes = [], undone = [], stroke = null;
    let tool = 'brush', zoom = 1, fit = 1;
    let cursor = {x: 0, y: 0}, held = false;
    const fingers = new Map();
    let pinch = null;

    const say = (text) => {
        said.textContent = text;
    };
    const radius = () => Number(sizeField.value) / 200 * Math.min(paint.width, paint.height) / 2 + 1;
    const painted = () => strokes.slice(strokes.findLastIndex((s) => s.clears) + 1).some((s) => !s.erase);

    const draw = (s, from = 0) => {
        if (s.clears) {
            ink.clearRect(0, 0, paint.width, paint.height);
            return;
        }
        ink.globalCompositeOperation = s.erase ? 'destination-out' : 'source-over';
        ink.strokeStyle = ink.fillStyle = '#e5007d';
        ink.lineCap = ink.lineJoin = 'round';
        ink.lineWidth = 2 * s.radius;
        ink.beginPath();
        const first = s.points[Math.max(from - 1, 0)];
        ink.moveTo(first.x, first.y);
        for (const p of s.points.slice(from))
            ink.lineTo(p.x + 0.01, p.y); /* a point alone is a dab */
        ink.stroke();
    };
    const showTools = () => {
        for (const b of root.querySelectorAll('[data-tool]'))
            b.setAttribute('aria-pressed', String(b.dataset.tool === tool));
        root.querySelector('[data-do=undo]').disabled = strokes.length === 0;
        root.querySelector('[data-do=redo]').disabled = undone.length === 0;
        root.querySelector('[data-do=clear]').disabled = !painted();
        root.dispatchEvent(new CustomEvent('painted', {bubbles: true, detail: painted()}));
    };
    const redraw = () => {
        ink.clearRect(0, 0, paint.width, paint.height);
        strokes.forEach((s) => draw(s));
        showTools();
    };

    /* --- strokes --- */

    const begin = (p) => {
        stroke = {erase: tool === 'eraser', radius: radius(), points: [p]};
        draw(stroke);
    };
    const extend = (p) => {
        stroke.points.push(p);
        draw(stroke, stroke.points.length - 1);
    };
    const end = () => {
        if (!stroke)
            return;
        strokes.push(stroke);
        stroke = null;
        undone = [];
        redraw(); /* whole, as undoing and redoing will draw it */
    };
    const drop = () => { /* a second finger: this was no stroke */
        stroke = null;
        redraw();
    };

    /* --- view --- */

    const place = () => {
        sheet.style.width = `${paint.width * fit * zoom}px`;
        sheet.style.height = `${paint.height * fit * zoom}px`;
        const d = 2 * radius() * fit * zoom;
        ring.style.width = ring.style.height = `${d}px`;
        ring.style.left = `${cursor.x * fit * zoom - d / 2}px`;
        ring.style.top = `${cursor.y * fit * zoom - d / 2}px`;
    };
    const setZoom = (z, x = view.clientWidth / 2, y = view.clientHeight / 2) => {
        const before = zoom;
        zoom = Math.min(Math.max(z, 1), 8);
        const left = (view.scrollLeft + x) * zoom / before - x, top = (view.scrollTop + y) * zoom / before - y;
        place();
        view.scrollLeft = left;
        view.scrollTop = top;
    };
    const at = (event) => {
        const box = paint.getBoundingClientRect();
        return {x: (event.clientX - box.left) * paint.width / box.width, y: (event.clientY - box.top) * paint.height / box.height};
    };
    const move = (p) => {
        cursor = {x: Math.min(Math.max(p.x, 0), paint.width), y: Math.min(Math.max(p.y, 0), paint.height)};
        place();
    };

    /* --- mouse, pen, fingers --- */

    const spread = () => {
        const [a, b] = [...fingers.values()];
        return {x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, d: Math.hypot(a.x - b.x, a.y - b.y)};
    };
    paint.addEventListener('pointerdown', (event) => {
        if (event.button !== 0)
            return;
        event.preventDefault();
        view.focus({preventScroll: true});
        paint.setPointerCapture(event.pointerId);
        fingers.set(event.pointerId, {x: event.clientX, y: event.clientY});
        if (fingers.size === 2) {
            drop();
            pinch = {...spread(), zoom};
        } else if (fingers.size === 1) {
            move(at(event));
            begin(at(event));
        }
    });
    paint.addEventListener('pointermove', (event) => {
        if (fingers.has(event.pointerId))
            fingers.set(event.pointerId, {x: event.clientX, y: event.clientY});
        if (pinch && fingers.size === 2) {
            const now = spread(), box = view.getBoundingClientRect();
            view.scrollLeft -= now.x - pinch.x;
            view.scrollTop -= now.y - pinch.y;
            setZoom(pinch.zoom * now.d / Math.max(pinch.d, 1), now.x - box.left, now.y - box.top);
            pinch = {...now, zoom};
            return;
        }
        if (stroke) {
            const steps = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
            for (const e of steps.length > 0 ? steps : [event])
                extend(at(e));
        }
        move(at(event));
    });
    const lift = (event) => {
        fingers.delete(event.pointerId);
        if (fingers.size < 2)
            pinch = null;
        end();
    };
    paint.addEventListener('pointerup', lift);
    paint.addEventListener('pointercancel', lift);
    view.addEventListener('wheel', (event) => {
        if (!event.ctrlKey)
            return;
        event.preventDefault();
        const box = view.getBoundingClientRect();
        setZoom(zoom * Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
    }, {passive: false});

    /* --- keyboard --- */

    const follow = () => { /* keeps the brush in sight */
        const x = cursor.x * fit * zoom, y = cursor.y * fit * zoom, edge = 24;
        view.scrollLeft = Math.min(Math.max(view.scrollLeft, x - view.clientWidth + edge), Math.max(x - edge, 0));
        view.scrollTop = Math.min(Math.max(view.scrollTop, y - view.clientHeight + edge), Math.max(y - edge, 0));
    };
    const sayPlace = () => say(`${Math.round(100 * cursor.x / paint.width)} %, ${Math.round(100 * cursor.y / paint.height)} %`);
    const step = (dx, dy, far) => {
        const d = radius() * (far ? 4 : 0.7);
        move({x: cursor.x + dx * d, y: cursor.y + dy * d});
        if (held)
            extend({...cursor});
        follow();
        sayPlace();
    };
    const steps = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
    const actions = {
        undo: () => strokes.length > 0 && undone.push(strokes.pop()),
        redo: () => undone.length > 0 && strokes.push(undone.pop()),
        clear: () => {
            strokes.push({clears: true});
            undone = [];
        },
        'zoom-in': () => setZoom(zoom * 1.5),
        'zoom-out': () => setZoom(zoom / 1.5),
    };
    const act = (name) => {
        actions[name]();
        redraw();
        place();
    };
    const choose = (name) => {
        tool = name;
        showTools();
    };
    const grow = (by) => {
        sizeField.value = String(Number(sizeField.value) + by);
        place();
    };
    const keys = {
        b: () => choose('brush'), e: () => choose('eraser'), '[': () => grow(-5), ']': () => grow(5),
        '+': () => act('zoom-in'), '=': () => act('zoom-in'), '-': () => act('zoom-out'),
    };
    view.addEventListener('keydown', (event) => {
        if (event.altKey)
            return;
        if (event.ctrlKey || event.metaKey) {
            if (event.key.toLowerCase() === 'z')
                act(event.shiftKey ? 'redo' : 'undo');
            else if (event.key.toLowerCase() === 'y')
                act('redo');
            else
                return;
        } else if (steps[event.key]) {
            step(...steps[event.key], event.shiftKey);
        } else if (event.key === ' ') {
            if (!held)
                begin({...cursor});
            held = true;
        } else if (keys[event.key]) {
            keys[event.key]();
        } else {
            return;
        }
        event.preventDefault();
    });
    const release = () => {
        if (held)
            end();
        held = false;
    };
    view.addEventListener('keyup', (event) => {
        if (event.key === ' ')
            release();
    });
    view.addEventListener('blur', () => {
        release();
        ring.hidden = true;
    });
    view.addEventListener('focus', () => {
        ring.hidden = false;
        place();
    });

    root.addEventListener('click', (event) => {
        const button = event.target.closest('button');
        if (button && button.dataset.tool)
            choose(button.dataset.tool);
        else if (button && button.dataset.do)
            act(button.dataset.do);
    });
    sizeField.addEventListener('input', place);

    /* --- the picture, and the way out --- */

    const fitIn = () => {
        if (root.hidden)
            return;
        fit = Math.min(view.clientWidth / paint.width, 0.7 * window.innerHeight / paint.height);
        view.style.height = `${paint.height * fit}px`;
        place();
    };
    document.addEventListener('picture', (event) => {
        const image = event.detail;
        root.hidden = !image;
        part('own').hidden = Boolean(image); /* painting takes the place of a file */
        strokes = [];
        undone = [];
        field.value = '';
        if (!image)
            return;
        const scale = Math.min(1, MOST / Math.max(image.width, image.height));
        for (const canvas of [picture, paint]) {
            canvas.width = Math.max(Math.round(image.width * scale), 1);
            canvas.height = Math.max(Math.round(image.height * scale), 1);
        }
        picture.getContext('2d').drawImage(image, 0, 0, picture.width, picture.height);
        cursor = {x: paint.width / 2, y: paint.height / 2};
        zoom = 1;
        fitIn();
        redraw();
        say(words.ready);
    });
    window.addEventListener('resize', fitIn);

    /* White where it is painted, black elsewhere. */
    const asFile = () => new Promise((done) => {
        const out = document.createElement('canvas');
        out.width = paint.width;
        out.height = paint.height;
        const to = out.getContext('2d');
        const pixels = ink.getImageData(0, 0, paint.width, paint.height);
        for (let i = 0; i < pixels.data.length; i += 4) {
            const value = pixels.data[i + 3] > 127 ? 255 : 0;
            pixels.data[i] = pixels.data[i + 1] = pixels.data[i + 2] = value;
            pixels.data[i + 3] = 255;
        }
        to.putImageData(pixels, 0, 0);
        out.toBlob((blob) => done(new File([blob], 'mask.png', {type: 'image/png'})), 'image/png');
    });
    /* May the form be sent? What is missing is said. */
    root.check = () => {
        const missing = !root.hidden && Boolean(words.needed) && !painted();
        part('trouble').hidden = !missing;
        if (missing)
            view.focus();
        return !missing;
    };
    /* Puts the mask into the form; the form waits for it (studio.js). */
    root.fill = async () => {
        if (root.hidden || !painted())
            return;
        const list = new DataTransfer();
        list.items.add(await asFile());
        field.files = list.files;
    };
})();
