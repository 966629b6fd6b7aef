// Looks at the help page as people do: by phone and by desk, in each language, by day and by night,
// by keyboard, and with axe-core in place of a screen reader.
//
//     node check.js URL SCREENSHOTS (--file | REFERENCE)
//
// URL is the page's, or with --file that of its exported index.html. REFERENCE is the code of one of
// several attempts of this visitor. Prints a line for each thing that is wrong; exit status 1 then.
const fs = require("fs");
const path = require("path");
const { chromium } = require("playwright-core");

const [url, folder, flag] = process.argv.slice(2);
const exported = flag === "--file";
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const widths = { tiny: 320, phone: 390, desktop: 1280 };
let wrong = 0;
let checked = 0;

function expect(good, what, detail = "") {
    checked++;
    if (good) return;
    wrong++;
    console.log(`FAIL ${what}${detail === "" ? "" : ": " + detail}`);
}

function address(language, query = "") {
    if (exported) return new URL(`${language}.html`, url).href;
    return `${url}?lang=${language}${query}`;
}

// Listens to what a visitor does not see: messages of the console, requests, errors.
function listen(page, name) {
    const home = new URL(url);
    page.on("console", (m) => expect(false, `${name}: console`, `${m.type()} ${m.text()}`));
    page.on("pageerror", (e) => expect(false, `${name}: error`, String(e)));
    page.on("request", (r) => {
        const to = new URL(r.url());
        const own = to.protocol === home.protocol && to.host === home.host;
        expect(own || to.href === "data:,", `${name}: a request elsewhere`, r.url());
    });
    page.on("response", (r) => expect(r.status() < 400 || exported, `${name}: ${r.status()}`, r.url()));
}

async function checkAccess(page, name) {
    await page.evaluate(axe);
    const result = await page.evaluate(() =>
        window.axe.run(document, { rules: { "target-size": { enabled: true }, "color-contrast-enhanced": { enabled: true } } }));
    for (const found of result.violations)
        expect(false, `${name}: axe ${found.id}`, `${found.help}: ${found.nodes.map((n) => n.target.join(" ")).join(", ")}`);
    const unsure = result.incomplete.filter((found) => found.id === "color-contrast");
    expect(unsure.length === 0, `${name}: contrast not known`,
        unsure.flatMap((f) => f.nodes.map((n) => n.target.join(" "))).join(", "));
    expect(result.passes.length > 20, `${name}: axe has looked`, `${result.passes.length} rules`);
}

async function checkLayout(page, name) {
    const seen = await page.evaluate(() => {
        const root = document.documentElement;
        const small = [...document.querySelectorAll("body *")].filter((element) =>
            [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== "") &&
            parseFloat(getComputedStyle(element).fontSize) < 16);
        const wide = [...document.querySelectorAll("main *")].filter((element) =>
            element.getBoundingClientRect().right > root.clientWidth + 1);
        return { scroll: root.scrollWidth - root.clientWidth, small: small.map((e) => e.tagName),
            wide: wide.map((e) => `${e.tagName} ${e.className}`) };
    });
    expect(seen.scroll <= 0, `${name}: scrolls sideways`, `${seen.scroll} px`);
    expect(seen.small.length === 0, `${name}: text below 16 px`, seen.small.join(" "));
    expect(seen.wide.length === 0, `${name}: sticks out`, seen.wide.join(", "));
}

async function visit(browser, language, scheme, width, query = "") {
    const name = `${exported ? "file-" : ""}${query === "" ? "" : "attempts-"}${language}-${scheme}-${width}`;
    const context = await browser.newContext({
        viewport: { width: widths[width], height: 844 }, colorScheme: scheme,
        locale: language === "ja" ? "ja-JP" : "en-GB" });
    const page = await context.newPage();

    listen(page, name);
    await page.goto(address(language, query));
    expect((await page.getAttribute("html", "lang")) === language, `${name}: language`);
    await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
    await checkLayout(page, name);
    await checkAccess(page, name);
    const attempts = page.locator("#attempts");
    if (query !== "") {
        const rows = await attempts.locator("tbody tr").count();
        expect(rows === 5, `${name}: five attempts`, `${rows}`);
    }
    await (query === "" ? page : attempts).screenshot({
        path: path.join(folder, `${name}.png`), ...(query === "" && { fullPage: true }) });
    await context.close();
}

// Without JavaScript, by keyboard alone: from the first stop to an answer.
async function useKeyboard(browser, language) {
    const name = `keyboard ${language}`;
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
    const page = await context.newPage();

    listen(page, name);
    await page.goto(address(language));
    await page.keyboard.press("Tab");
    expect((await page.locator(":focus").getAttribute("class")) === "skip", `${name}: the first stop skips`);
    expect(await page.locator(".skip").isVisible(), `${name}: and is seen`);
    await page.keyboard.press("Enter");
    await page.waitForURL(/#main$/);
    if (!exported) {
        await page.fill("#q", "somebody@i.softbank.jp");
        await page.keyboard.press("Enter");
        await page.waitForURL(/q=somebody/);
        expect((await page.locator("#providers table").first().innerText()).includes("smtp.softbank.jp"), `${name}: finds a server`);
        await page.locator("#line").focus();
        await page.selectOption("#line", "plan:fiber-dynamic");
        await page.selectOption("#mail", "server");
        await page.locator("#check button").focus();
        await page.keyboard.press("Enter");
        await page.waitForURL(/line=plan/);
        expect(page.url().endsWith("#check"), `${name}: comes back to the form`, page.url());
        expect(await page.locator("#result .refused").isVisible(), `${name}: the answer`);
        expect((await page.inputValue("#line")) === "plan:fiber-dynamic", `${name}: the form remembers`);
        await page.screenshot({ path: path.join(folder, `answer-${language}.png`), fullPage: true });
    }
    await page.locator(".languages a").click();
    expect((await page.getAttribute("html", "lang")) !== language, `${name}: the switch`);
    expect(exported || (await page.locator("#result").isVisible()), `${name}: keeps the answer`);
    await context.close();
}

(async () => {
    const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

    for (const language of ["en", "ja"]) {
        for (const scheme of ["light", "dark"])
            for (const width of Object.keys(widths)) {
                await visit(browser, language, scheme, width);
                if (!exported && width !== "tiny") await visit(browser, language, scheme, width, `&ref=${flag}`);
            }
        await useKeyboard(browser, language);
    }
    await browser.close();
    console.log(`${checked - wrong} passed, ${wrong} failed`);
    process.exit(wrong === 0 ? 0 : 1);
})();
