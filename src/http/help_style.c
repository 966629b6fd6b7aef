/*
 * The style sheet, and its hash.
 */
#include "http/help_style.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

/* Colours: text on its background at 7:1 or more, links and borders of fields at 4.5:1. */
const char help_style[] =
    ":root{color-scheme:light dark;--page:#fbfbf9;--card:#fff;--text:#1d2125;--dim:#4a5259;"
    "--line:#c9ced3;--field:#6b747c;--link:#08488a;--lead:#e8f1fb;--good:#1a6334;--bad:#a11a1a}"
    "@media(prefers-color-scheme:dark){:root{--page:#15181b;--card:#1d2125;--text:#eceff1;"
    "--dim:#b6bec5;--line:#3b444b;--field:#8f99a1;--link:#8cc2ff;--lead:#182b40;--good:#7fd6a0;"
    "--bad:#ff9c94}}"
    "*{box-sizing:border-box}"
    "html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}"
    "body{margin:0;background:var(--page);color:var(--text);font:1rem/1.65 system-ui,"
    "-apple-system,\"Segoe UI\",\"Hiragino Sans\",\"Noto Sans CJK JP\",\"Noto Sans JP\",Meiryo,"
    "sans-serif;overflow-wrap:break-word}"
    ":lang(ja){line-height:1.8}"
    "header,main,footer{max-width:46rem;margin:0 auto;padding:0 1rem}"
    "header{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.25rem 1rem;"
    "padding-top:1rem;color:var(--dim)}"
    "h1{font-size:1.7rem;line-height:1.3;margin:1.25rem 0 1rem;text-wrap:balance}"
    "h2{font-size:1.3rem;line-height:1.35;margin:0 0 .75rem}"
    "h3{font-size:1.05rem;line-height:1.4;margin:1.5rem 0 .5rem}"
    "p,ul,ol,dl,table{margin:0 0 1rem}"
    "ul,ol{padding-left:1.4rem}li{margin:.35rem 0}"
    "a{color:var(--link);text-underline-offset:.15em}"
    "a:focus-visible,input:focus-visible,select:focus-visible,button:focus-visible,"
    "summary:focus-visible,main:focus-visible{outline:3px solid var(--link);outline-offset:2px}"
    ".skip{position:absolute;left:-100rem}"
    ".skip:focus{position:static;flex-basis:100%}"
    ".languages{display:flex;gap:1rem}"
    ".lead{background:var(--lead);border-left:.3rem solid var(--link);border-radius:.25rem;"
    "padding:.9rem 1rem;font-size:1.15rem}"
    ".contents ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0}"
    ".contents li{margin:0}.contents a{display:inline-block;padding:.3rem 0}"
    "section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;"
    "padding:1.1rem 1.1rem .4rem;margin:0 0 1.25rem}"
    "section section{border-left:.3rem solid var(--link);border-radius:.25rem}"
    "table{border-collapse:collapse;width:100%}"
    "caption{text-align:left;font-weight:600;padding:.2rem 0}"
    "th,td{text-align:left;vertical-align:top;padding:.45rem .5rem;"
    "border-bottom:1px solid var(--line)}"
    "thead th{color:var(--dim)}tbody th{font-weight:600}"
    "th[colspan],.host{overflow-wrap:anywhere}#set th{white-space:nowrap}"
    "code,.host{font-family:ui-monospace,\"SF Mono\",Menlo,Consolas,\"Noto Sans Mono\","
    "monospace}"
    "dl{display:grid;grid-template-columns:minmax(9rem,auto) 1fr;gap:.35rem 1rem}"
    "dt{color:var(--dim)}dd{margin:0}"
    "@media(max-width:34rem){header,main,footer{padding-left:.75rem;padding-right:.75rem}"
    "section{padding:.9rem .75rem .3rem}"
    "th,td{padding:.4rem .25rem}.stack thead{position:absolute;left:-100rem}"
    ".stack tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}"
    ".stack th,.stack td{display:block;border:0;padding:.05rem 0}dl{display:block}dd{margin:0 "
    "0 .6rem}}"
    ".sends,.observed,.refused{font-weight:600}.sends{color:var(--good)}"
    ".refused{color:var(--bad)}"
    "form{margin:0 0 1rem}"
    "label{display:block;margin:0 0 .25rem;font-weight:600}"
    ".field{margin:0 0 .9rem}"
    "input,select,button{font:inherit;color:inherit;min-height:2.75rem;max-width:100%}"
    "input,select{width:100%;background:var(--page);border:1px solid var(--field);"
    "border-radius:.4rem;padding:.4rem .6rem}"
    "button{background:var(--link);color:var(--card);border:0;border-radius:.4rem;"
    "padding:.4rem 1.4rem;font-weight:600;cursor:pointer}"
    "summary{cursor:pointer;font-weight:600;padding:.4rem 0}"
    "footer{padding-bottom:2rem;color:var(--dim)}"
    "@media print{section{border:0;padding:0}form,.contents,.languages,.skip{display:none}}";

int
help_style_policy(struct text *text)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char encoded[2 * EVP_MAX_MD_SIZE]; /* base64 takes four thirds, and a NUL */
	size_t length;

	if (EVP_Q_digest(
		NULL, "SHA256", NULL, help_style, strlen(help_style), digest, &length) != 1) {
		errno = ENOMEM;
		return -1;
	}
	EVP_EncodeBlock(encoded, digest, (int)length);
	text_format(text,
	    "default-src 'none'; style-src 'sha256-%s'; img-src data:; form-action 'self'; "
	    "base-uri 'none'",
	    (const char *)encoded);
	return 0;
}
