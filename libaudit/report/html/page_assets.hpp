// The style and the script of the page. The page's Content-Security-Policy allows exactly these
// two, by their hashes; tests/contract/test_html_assets.py computes them anew.
#pragma once

#include <string_view>

namespace hfaudit::report {

inline constexpr std::string_view page_style = R"css(
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--faint:#57606a;--line:#d0d7de;--head:#f3f5f7;--link:#0b57d0;
--c:#cfeedd;--ct:#0b4a2c;--s:#d6e8fb;--st:#0b3d70;--p:#e3dcfb;--pt:#3f2a86;--u:#e4e6e8;--ut:#3a4046;
--i:#ffe0b0;--it:#6b3d00;--x:#f6c2bd;--xt:#7a0e08}
@media (prefers-color-scheme:dark){:root{--bg:#14181d;--fg:#e6e9ec;--faint:#a0a8b1;--line:#3a424b;--head:#1e242b;--link:#8ab4f8;
--c:#12402a;--ct:#b9f0d0;--s:#143a5e;--st:#c4e0fb;--p:#392c66;--pt:#ded4ff;--u:#363d45;--ut:#dde1e5;
--i:#5c3a06;--it:#ffdfae;--x:#6b1a16;--xt:#ffd3cf}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1rem 1.25rem 4rem;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:0 0 .25rem;overflow-wrap:anywhere}p,ul{margin:.25rem 0}ul{padding-left:1.25rem}
code{font:.92em ui-monospace,monospace;overflow-wrap:anywhere}code.run{user-select:all;background:var(--head);border:1px solid var(--line);border-radius:4px;padding:.1rem .4rem}
a{color:var(--link)}.faint{color:var(--faint);font-size:.9em}nav{margin:.5rem 0}nav a{margin-right:1rem}
.tiles{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;padding:0;margin:1rem 0}
.tiles li{border:1px solid var(--line);border-radius:6px;padding:.4rem .8rem}.tiles b{display:block;font-size:1.2rem}
article{border:1px solid var(--line);border-radius:6px;padding:.6rem .9rem;margin:.6rem 0;break-inside:avoid}
table{border-collapse:collapse;width:100%;font-size:.92em;margin:.5rem 0}caption{text-align:left;color:var(--faint)}
th,td{border-bottom:1px solid var(--line);padding:.25rem .6rem;text-align:left;vertical-align:top;font-weight:400;overflow-wrap:anywhere}
thead th{background:var(--head);font-weight:600;position:sticky;top:0}thead button{all:unset;cursor:pointer;font-weight:600}
thead button:focus-visible{outline:2px solid var(--link);outline-offset:2px}
th[aria-sort=ascending] button::after{content:" \2191"}th[aria-sort=descending] button::after{content:" \2193"}
td.d{outline:2px solid currentColor;outline-offset:-2px;font-weight:600}td[data-n]{white-space:nowrap}.wide{overflow-x:auto}.grid td,.grid thead th{overflow-wrap:normal;white-space:nowrap}
.vc,.vs,.vp,.vu,.vi,.vx,.error,.warning,.info,.clean,.damaged,.unknown{border-radius:4px;padding:0 .4rem;white-space:nowrap}
.vc,.gc,.clean{background:var(--c);color:var(--ct)}.vs,.gs,.info{background:var(--s);color:var(--st)}
.vp,.gp{background:var(--p);color:var(--pt)}.vu,.gu,.unknown{background:var(--u);color:var(--ut)}
.vi,.gi,.warning{background:var(--i);color:var(--it)}.vx,.gx,.error,.damaged{background:var(--x);color:var(--xt)}
.map{width:100%;height:auto;border:1px solid var(--line);border-radius:6px}
.map rect{stroke:var(--bg);stroke-width:1}.map pattern rect{stroke:none}.map text{font:12px ui-monospace,monospace;paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
.bc{fill:var(--c)}.bs{fill:var(--s)}.bp{fill:url(#hp)}.bu{fill:url(#hu)}.bi{fill:url(#hi)}.bx{fill:url(#hx)}
.fp{fill:var(--p)}.fu{fill:var(--u)}.fi{fill:var(--i)}.fx{fill:var(--x)}
.lp,.lu,.li,.lx{fill:none;stroke-width:1.2;opacity:.45}.lp{stroke:var(--pt)}.lu{stroke:var(--ut)}.li{stroke:var(--it)}.lx{stroke:var(--xt)}
.tc{fill:var(--ct);stroke:var(--c)}.ts{fill:var(--st);stroke:var(--s)}.tp{fill:var(--pt);stroke:var(--p)}.tu{fill:var(--ut);stroke:var(--u)}.ti{fill:var(--it);stroke:var(--i)}.tx{fill:var(--xt);stroke:var(--x)}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0}.key{width:1em;height:1em;vertical-align:-.15em;border:1px solid var(--line)}
label{display:block;margin:.5rem 0}input{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--faint);border-radius:4px;padding:.15rem .4rem}
@media print{body{max-width:none}thead th{position:static}}
)css";

inline constexpr std::string_view page_script = R"js(
"use strict";
const keyOf = cell => cell.dataset.n === undefined ? cell.textContent.toLowerCase() : Number(cell.dataset.n);
const compare = (a, b) => a < b ? -1 : a > b ? 1 : 0;
for (const table of document.querySelectorAll("table.sort")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows].map(row => [keyOf(row.cells[column]), row]);
      rows.sort((a, b) => down ? compare(b[0], a[0]) : compare(a[0], b[0]));
      table.tBodies[0].append(...rows.map(row => row[1]));
    });
  });
}
for (const table of document.querySelectorAll("table.filter")) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = "search";
  label.append("Show only rows with ", input);
  table.before(label);
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    for (const row of table.tBodies[0].rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
}
)js";

// Base64 of their SHA-256.
inline constexpr std::string_view page_style_hash = "02EsKsjSWpu0o/Y2B/HhGJas6eHtg0z768FRIa/z7sY=";
inline constexpr std::string_view page_script_hash = "EmP/OVJ8LO7WnLOFAMt8WKG7/GAl42GipC10Q9fI5Nc=";

}  // namespace hfaudit::report
