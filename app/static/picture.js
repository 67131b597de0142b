/* Deleting a picture asks on the spot; without this file the link leads to a page that asks. */
(() => {
    'use strict';
    const link = document.getElementById('delete');
    const dialog = document.getElementById('delete-dialog');
    if (!link || !dialog || !dialog.showModal)
        return;
    link.addEventListener('click', (event) => {
        event.preventDefault();
        dialog.showModal();
    });
})();
