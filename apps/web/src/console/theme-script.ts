/** Where this browser keeps the choice. */
export const themeKey = 'drover.theme'

/** Runs before the first paint. */
export const themeScript = `(function(){var t;try{t=localStorage.getItem('${themeKey}')}catch(e){}var d=t==='dark'||(t!=='light'&&matchMedia('(prefers-color-scheme: dark)').matches);document.documentElement.dataset.theme=d?'dark':'light'})()`
