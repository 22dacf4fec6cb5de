namespace AgentOps.Rca.Page.Tests;

/// <summary>Two hundred strings by which pages were made to run or show what others wrote: known ways into markup, each around the same payload.</summary>
internal static class HostileStrings
{
    private const string Hit = "window.hit=1";
    private static readonly string[] Events =
        ["onload", "onerror", "onclick", "onfocus", "onmouseover", "onanimationstart", "ontoggle", "onbegin", "onpointerenter", "onscrollend", "oncontentvisibilityautostatechange", "onbeforeinput"];

    private static readonly string[] Schemes =
        ["javascript:", "JaVaScRiPt:", "java\tscript:", "java\nscript:", " javascript:", "\u0001javascript:", "javascript&colon;", "jav&#x09;ascript:", "vbscript:", "data:text/html,", "data:text/html;base64,", "blob:", "view-source:javascript:"];

    private static readonly string[] Breaks = ["\"", "'", "`", "\">", "'>", "-->", "]]>", "</title>", "</textarea>", "</style>", "</script>", "</noscript>", "</template>", "</bdi>", "</code></li></ol></main>", "*/", "${", "{{"];

    private static readonly string[] Whole =
    [
        $"<script>{Hit}</script>", $"<ScRiPt>{Hit}</sCrIpT>", $"<script\n>{Hit}</script\n>", $"<script/x>{Hit}</script>", $"<script src=//elsewhere.example/x.js></script>", $"<script type=module>import '//elsewhere.example/x.js'</script>",
        $"<<script>{Hit}//<</script>", $"<scr<script>ipt>{Hit}</scr</script>ipt>", $"<script>{Hit}", $"<svg><script>{Hit}</script></svg>", $"<svg><script href=data:,{Hit} />", $"<svg><a xlink:href=javascript:{Hit}><text y=20>x</text></a></svg>",
        $"<svg><animate attributeName=href values=javascript:{Hit} />", $"<svg><use href=\"data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><image href='1' onerror='{Hit}'/></svg>#x\" />", $"<svg><foreignObject><iframe srcdoc='<script>parent.{Hit}</script>'>",
        $"<math><maction actiontype=statusline xlink:href=javascript:{Hit}>x</maction></math>", $"<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror={Hit}&gt;\">",
        $"<iframe src=javascript:{Hit}>", $"<iframe srcdoc=\"<script>parent.{Hit}</script>\">", $"<object data=javascript:{Hit}>", $"<embed src=javascript:{Hit}>", $"<applet code=x>", $"<frameset onload={Hit}>",
        $"<base href=//elsewhere.example/>", $"<link rel=stylesheet href=//elsewhere.example/>", $"<link rel=modulepreload href=//elsewhere.example/>", $"<meta http-equiv=refresh content=0;url=//elsewhere.example/>", $"<meta http-equiv=refresh content=\"0;url=javascript:{Hit}\">",
        $"<form action=//elsewhere.example/><button>x", $"<form><button formaction=javascript:{Hit}>x", $"<isindex action=javascript:{Hit} type=submit>", $"<input autofocus onfocus={Hit}>", $"<select autofocus onfocus={Hit}>", $"<textarea autofocus onfocus={Hit}>", $"<keygen autofocus onfocus={Hit}>",
        $"<video><source onerror={Hit}>", $"<audio src=x onerror={Hit}>", $"<video poster=javascript:{Hit}>", $"<details open ontoggle={Hit}>x", $"<dialog open oncancel={Hit}>", $"<marquee onstart={Hit}>x", $"<table background=javascript:{Hit}>", $"<td background=javascript:{Hit}>",
        $"<div style=\"background:url(javascript:{Hit})\">", $"<div style=width:expression({Hit})>", $"<style>@import '//elsewhere.example/x.css';</style>", $"<style>*{{display:none}}</style>", $"<style>body{{background:url(//elsewhere.example/)}}</style>", "<style>@keyframes x{}</style><xss style=\"animation-name:x\" onanimationstart=\"window.hit=1\"></xss>",
        $"<img src=\"x` `<script>{Hit}</script>\"` `>", $"<img \"\"\"><script>{Hit}</script>\">", $"<img src=x:x onerror={Hit}//", $"<img/src/onerror={Hit}>", $"<img srcset=x onerror={Hit}>", $"<picture><source srcset=x><img onerror={Hit}></picture>", $"<input type=image src=x onerror={Hit}>", $"<image href=x onerror={Hit}>",
        $"<template><img src=x onerror={Hit}></template>", $"<noscript><p title=\"</noscript><img src=x onerror={Hit}>\">", $"<xmp><p title=\"</xmp><img src=x onerror={Hit}>\">", $"<!--<img src=\"--><img src=x onerror={Hit}//\">", $"<comment><img src=\"</comment><img src=x onerror={Hit}//\">", $"<![><img src=\"]><img src=x onerror={Hit}//\">",
        $"<?xml version=\"1.0\"?><x xmlns:x=\"http://www.w3.org/1999/xhtml\"><x:script>{Hit}</x:script>", $"<!DOCTYPE x [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><x>&x;</x>", $"<x contenteditable onblur={Hit}>x", $"<rca-app></rca-app>", $"<rca-decide></rca-decide>", "<slot name=x></slot>",
        "{{constructor.constructor('window.hit=1')()}}", "${window.hit=1}", "#{7*7}", "<%= 7*7 %>", "[[${7*7}]]", "{{7*7}}", "__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__defineGetter__",
        $"&lt;img src=x onerror={Hit}&gt;", $"&#60;img src=x onerror={Hit}&#62;", $"%3Cimg%20src=x%20onerror={Hit}%3E", $"\\u003cimg src=x onerror={Hit}\\u003e", $"\\x3cscript\\x3e{Hit}\\x3c/script\\x3e", $"\uFF1Cscript\uFF1E{Hit}\uFF1C/script\uFF1E", $"\u02BAonload={Hit}", $"\u2028{Hit}\u2029", $"+ADw-script+AD4-{Hit}+ADw-/script+AD4-",
        "\u202Egnp.exe", "\u2066\u2066\u2066 a \u2069", "\u200F\u200E\u200F", "\u202Dabc\u202C", "\u061C<", "שלום עולם", "مرحبا بالعالم", "😀👩‍👩‍👧‍👦🏳️‍🌈", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L", "\uFEFFbom", "a\u0300\u0301\u0302", "𝒳𝓈𝓈",
        "../../../etc/passwd", "..%2f..%2f", "C:\\windows\\win.ini", "file:///etc/passwd", "//elsewhere.example/", "https://elsewhere.example/?a=b&c=d", "#incident/x/../../", "?view=overview#", "?a[]=1&a[]=2", "a/b/c/d", "'; DROP TABLE spans; --", "\" OR \"\"=\"", "{\"$gt\":\"\"}", "[1,2,{\"a\":\"<b>\"}]", "null", "undefined", "NaN", "-0", "1e999", "true",
    ];

    /// <summary>The strings, each once.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. Whole,
        .. Events.Select(name => $"<svg {name}={Hit}>"),
        .. Events.Select(name => $"\" autofocus {name}=\"{Hit}\" x=\""),
        .. Schemes.Select(scheme => $"<a href=\"{scheme}{Hit}\">x</a>"),
        .. Schemes.Select(scheme => scheme + Hit),
        .. Schemes.Select(scheme => $"<a href={scheme}{Hit}>"),
        .. Breaks.Select(way => $"{way}<img src=x onerror={Hit}>"),
    ];
}
