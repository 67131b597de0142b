/* Before and after on top of each other, with a line between that a finger, a mouse or the arrow keys move. Without this
   file the two pictures stand side by side. */
(() => {
    'use strict';
    const compare = document.getElementById('compare');
    if (!compare)
        return;
    const slider = document.createElement('input');
    slider.type = 'range';
    slider.min = '0';
    slider.max = '100';
    slider.value = '50';
    slider.className = 'compare-slider';
    slider.setAttribute('aria-label', compare.dataset.label);
    const line = document.createElement('span');
    line.className = 'compare-line';
    line.setAttribute('aria-hidden', 'true');
    const show = () => {
        compare.style.setProperty('--cut', `${slider.value}%`);
        slider.setAttribute('aria-valuetext', `${slider.value} %`);
    };
    slider.addEventListener('input', show);
    compare.append(slider, line);
    compare.classList.add('compare-on');
    show();
})();
