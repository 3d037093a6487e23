"""Lines that pages are furnished with: share buttons, comment forms, appeals, legal lines. Plain Python.

A pattern is matched against a whole short line, never inside a paragraph. ``PLAIN`` lines can hardly be anything else;
``BARE`` ones are words that may also be a sub-heading or a line of a poem, and need company. As whole lines are matched, what
ends a pattern takes all that it can and gives nothing back (``.{0,40}+``): a long line costs no more than its length.
"""

from __future__ import annotations

import re

MAX_CHARS = 260  # a longer line is no furniture

_SITES = (
    "facebook|twitter|x|whatsapp|telegram|linked ?in|reddit|pinterest|instagram|youtube|tiktok|threads|bluesky|mastodon"
    "|messenger|viber|vk|weibo|wechat|line|flipboard|pocket|tumblr|e-?mail|mail|print|tweet|pin(?: it)?|copy (?:link|url)"
    r"|digg|del\.?icio\.?us|stumbleupon|myspace|google ?\+?|xing|odnoklassniki|vkontakte|snapchat|signal|skype|slashdot"
)
_NUMBER = (
    r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|ein|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|un|deux|trois|quatre|cinq"
    r"|six|sept|huit|neuf|dix|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|один|два|три|четыре|пять|шесть|семь"
    r"|восемь|девять|десять)"
)
# What an appeal to readers offers; without it "Sign up …" or "For more …" may begin any sentence.
_OFFER = (
    r"(?:newsletters?|inbox|e-?mails?|alerts?|briefings?|updates?|notifications?|channel|app|podcast|premium|headlines"
    r"|breaking news|latest news|coverage|stories|journalism)"
)

# Each kind: lines that are unmistakable, then words that need company.
_PLAIN: dict[str, list[str]] = {
    "comment_form": [
        r"leave a (?:reply|comment)(?: to .{1,80}| below.{0,20}| cancel reply)?", r"post a comment",
        r"add (?:a |your )comment",
        r"cancel reply", r"(?:leave a reply\W+)?your e-?mail(?: address)? will not be (?:published|shared).{0,140}+", r"required fields are marked.{0,10}+",
        r"save my name\b.{0,160}+", r"(?:report|flag)(?: this)? (?:abuse|comment)\b.{0,80}+",
        r"posted by .{2,40} (?:at|on) \d.{1,200}+", r"\d{1,6} (?:comments?|replies)\W{1,3}(?:log|sign) in\b.{0,60}+",
        r"post (?:your|a) (?:comment|reply)\b.{0,60}+", r"have your say\b.{0,60}+", r"notify me (?:of|by e-?mail|when)\b.{0,80}+",
        r"comments? (?:are|is|have been) closed.{0,120}+",
        r"no comments? yet.{0,40}+", r"be the first to comment.{0,40}+",
        r"(?:please )?(?:log|sign) ?in (?:or register )?to (?:post a |leave a )?(?:comment|reply).{0,40}+",
        r"you must be (?:logged|signed) in to .{0,60}+", r"join the (?:conversation|discussion)[.!]?",
        r"submit comment",
        r"(?:show|view|load|hide|see)(?: all| more)?(?: \d+)? comments(?: \(\d+\))?",
        r"schreiben sie einen kommentar.{0,40}+", r"kommentar (?:hinterlassen|schreiben|verfassen|absenden)",
        r"(?:ihre|deine) e-mail-adresse wird nicht .{0,60}+", r"laisser un commentaire.{0,40}+",
        r"votre adresse (?:e-?mail|de messagerie) ne sera pas .{0,60}+",
        r"deja (?:un comentario|una respuesta).{0,40}+",
        r"tu dirección de correo .{0,60}+", r"deixe um comentário.{0,40}+",
        r"o seu endereço de e-?mail não será .{0,40}+",
        r"lascia un commento.{0,40}+", r"il tuo indirizzo e-?mail non sarà .{0,40}+",
        r"(?:bir )?yorum (?:yap|yaz)ın?.{0,20}+",
        r"(?:оставить|добавить|написать) комментарий.{0,40}+", r"ваш (?:адрес )?e-?mail не будет .{0,40}+",
        r"залишити коментар.{0,40}+", r"اترك (?:تعليقا|تعليقًا|تعليق|رد|ردا).{0,30}+", r"لن يتم نشر عنوان .{0,60}+",
        r"دیدگاهتان را .{0,40}+", r"نشانی ایمیل شما .{0,40}+", r"发表(?:评论|回复)", r"您的(?:电子)?邮箱地址不会.{0,30}+",
        r"コメントを(?:残す|書く|投稿).{0,10}+",
    ],
    "share": [
        r"(?:please )?(?:share|tweet|send|e-?mail|print) (?:this|the) (?:article|story|post|page|news|video|link)\b.{0,40}+",
        r"share this(?: (?:with|on|via)\b.{0,40})?\s{0,3}:?",
        rf"share (?:on|via|to|with) (?:{_SITES}|friends|social media)\b.{{0,40}}+",
        rf"(?:share )?(?:{_SITES}|share)(?:\s{{0,3}}(?:[|/·•,:;&]\s{{0,3}})?(?:{_SITES}|share|on|and|this)){{2,12}}",
        rf"(?:share|tweet|send|like)(?: this| on)?\s{{0,3}}[:|]\s{{0,3}}(?:{_SITES})\b.{{0,60}}+",
        r"bookmark (?:and|&) share\b.{0,120}+", r"(?:send|e-?mail|forward) (?:this|the) (?:story|article|page|link) to a friend.{0,40}+",
        r"(?:like|find|join|follow) us on\b.{0,80}+", r"follow us\b[:.!]?", r"follow us\s{0,3}:.{1,120}+",
        rf"follow @?[\w .]{{2,40}} on (?:{_SITES}|social media)\b.{{0,60}}+",
        rf"(?:auf|per) (?:{_SITES}) teilen", r"(?:artikel |beitrag )?teilen (?:auf|per|via) .{0,30}+",
        r"folgen sie uns.{0,60}+",
        r"partager (?:sur|cet article|l['’]article|via)\b.{0,40}+", r"suivez-nous.{0,60}+",
        rf"compartir (?:en|por|vía) (?:{_SITES}).{{0,20}}+",
        r"compartir (?:este )?(?:artículo|noticia)", r"síguenos.{0,60}+", r"condividi (?:su|via) .{0,30}+",
        r"compartilh(?:e|ar) (?:no|via|em) .{0,30}+",
        r"поделиться (?:в|на|ссылкой|новостью|статьей|публикацией)\b.{0,30}+", r"поделитесь .{0,40}+",
        r"мы в (?:соцсетях|telegram|телеграм).{0,30}+",
        r"分享(?:到|至).{0,12}+", r"شارك (?:هذا |هذه )?(?:المقال|الخبر|الصفحة|على).{0,30}+", r"تابعنا على.{0,30}+",
    ],
    "subscribe": [
        r"(?:please |click (?:here )?to )?subscribe (?:to|for|now|here|today|via|on|and)\b.{0,160}+",
        rf"(?:sign|log) up (?:for|to|now|here|today)\b.{{0,80}}\b{_OFFER}\b.{{0,80}}+",
        r"sign up (?:now|here|today)[.!]?",
        rf"get (?:the |our |all the |your )?(?:latest|breaking|daily|top|morning|weekly|free|best)\b.{{0,80}}\b{_OFFER}\b.{{0,60}}+",
        r"get (?:[\w'’-]+ ){0,3}(?:alerts|newsletters?|briefings?|e-?mail updates)\s{0,3}[:.!–—-].{0,160}+",
        r"this is a (?:free )?(?:preview|sample|excerpt)\b.{0,200}+", r"(?:continue|keep) reading (?:with|for|by)\b.{0,160}+",
        r"(?:you have|you['’]ve) (?:reached|read|used)\b.{0,60}\b(?:articles?|limit)\b.{0,160}+",
        r"stay (?:informed|updated|tuned|connected|up to date|ahead|in the know)\b.{0,200}+",
        r"(?:download|install|get) (?:our|the) (?:[\w.]+ ){0,4}app\b.{0,100}+",
        r"join (?:us|our) (?:on |[\w']+ ){0,3}(?:channel|newsletter|group|whatsapp|telegram|community)\b.{0,80}+",
        rf"don['’]t miss (?:out|a|an|our|the latest|any)\b.{{0,80}}\b{_OFFER}\b.{{0,60}}+",
        r"for (?:more|all)(?! than\b)(?: the)?(?: latest| breaking)?(?: \w+){0,4},? (?:visit|follow|click|subscribe|see|go to|download|check|tune)\b.{0,120}+",
        rf"for (?:all )?the latest\b.{{0,40}}\b{_OFFER}\b.{{0,100}}+",
        rf"(?:read|follow|catch|watch) (?:all )?(?:the )?(?:latest|breaking)\b.{{0,40}}\b(?:{_OFFER}|news)\b.{{0,100}}+",
        r"newsletter sign-?up.{0,40}+", r"become a (?:member|subscriber|supporter)\b[ .!]?.{0,40}+",
        r"support (?:our|independent|quality) journalism\b.{0,80}+",
        r"already a (?:subscriber|member)\b.{0,40}+",
        r"this (?:article|story|content) is (?:for|available to) (?:subscribers|members).{0,40}+",
        r"(?:jetzt )?abonnieren sie .{0,100}+", r"(?:jetzt )?newsletter (?:abonnieren|bestellen).{0,30}+",
        r"melden sie sich .{0,40}newsletter.{0,40}+",
        r"abonnez-vous.{0,100}+", r"inscrivez-vous .{0,100}+", r"suscríb(?:ete|ase)\b.{0,100}+", r"inscreva-se .{0,80}+",
        r"assine .{0,30}newsletter.{0,30}+",
        r"iscriviti .{0,60}(?:newsletter|canale).{0,30}+", r"abone ol(?:un)?\b.{0,30}+",
        r"подпи(?:шитесь|сывайтесь|шись|саться на)\b.{0,100}+", r"підпи(?:шіться|суйтесь)\b.{0,100}+",
        r"اشترك (?:الآن|في (?:النشرة|القناة|قناتنا|نشرتنا)|معنا).{0,60}+",
        r"(?:در )?(?:خبرنامه|کانال) .{0,30}عضو شوید.{0,20}+",
        r"订阅(?:我们|本|新闻|邮件|频道|号).{0,20}+", r"(?:メルマガ|ニュースレター)(?:登録|に登録).{0,20}+",
    ],
    "navigation": [
        r"refresh (?:automatically|this page|the page)\b.{0,80}+", r"skip to (?:main )?content", r"back to (?:top|home|main page)", r"jump to (?:content|navigation|comments)",
        r"click to (?:share|print|expand|enlarge|read).{0,60}+",
        r"(?:click|tap) here (?:to|for)\b.{0,80}+", r"(?:also|must|further|similar) reads?\s{0,3}[:|–—-].{0,140}+",
        r"read (?:also|next|more)\s{0,3}[:|–—-].{0,140}+",
        r"(?:read|view|see) (?:the )?full (?:story|article|text)(?: here| at .{1,40}| on .{1,40})?[.!]?",
        r"(?:see|watch|listen) also\s{0,3}[:|–—-].{0,140}+",
        r"(?:read|see|view|show|load) more(?: (?:articles|stories|news|posts|on this|from .{1,40}|about .{1,40}))?[.…>» ]*",
        r"(?:next|previous|older|newer) (?:article|post|posts|story|stories|page)",
        r"related (?:articles?|posts?|stories|topics|news|content|coverage|links|reading)\s{0,3}:?",
        r"(?:related(?: stories| articles| news)?|also (?:on this site|in the news|read)|more on this|in pictures|top comments"
        r"|most read|lo más leído|les plus lus|à lire aussi|mehr zum thema|ads by \w+|in this series|today's quiz)\s{0,3}:.{1,220}+",
        r"you (?:may|might) (?:also )?(?:like|be interested in)\b.{0,20}+",
        r"(?:recommended|suggested) (?:for you|stories|articles|reading|posts)\s{0,3}:?",
        r"trending (?:now|stories|news|topics|articles)\s{0,3}:?", r"trending(?: now)?\s{0,3}:.{1,220}+",
        r"also (?:on|in) (?:this|the|our) (?:page|site|section|issue|edition)\s{0,3}:.{1,220}+",
        r"most (?:read|popular|viewed|shared|commented|recent)(?: (?:stories|articles|news|posts))?\s{0,3}:?",
        r"(?:popular|recent|latest|similar) (?:posts?|articles|stories|comments|news)\s{0,3}:?", r"tags?\s{0,3}:.{0,200}+",
        r"tagged (?:with|in|as|under)?\s{0,3}:.{0,160}+",
        r"(?:categor(?:y|ies)|filed under|posted in|posted under)\s{0,3}:.{0,70}+",
        r"more (?:on|from|in) (?:this|the) (?:story|topic|section|author|site)\s{0,3}:?",
        r"(?:lire|voir) aussi\s{0,3}[:|–—-].{0,140}+", r"à lire (?:aussi|également)\s{0,3}[:|–—-].{0,140}+",
        r"lesen sie (?:auch|mehr)\s{0,3}[:|–—-]?.{0,140}+",
        r"(?:mehr zum thema|auch interessant|das könnte sie auch interessieren)\b.{0,60}+",
        r"lea (?:también|además)\s{0,3}[:|–—-]?.{0,140}+", r"te puede interesar\s{0,3}[:|–—-]?.{0,120}+",
        r"leia (?:também|mais)\s{0,3}[:|–—-]?.{0,140}+", r"leggi anche\s{0,3}[:|–—-]?.{0,140}+",
        r"читайте (?:также|еще|ещё|далее)\b.{0,140}+", r"читайте також\b.{0,140}+", r"смотрите также\b.{0,120}+",
        r"اقرأ (?:أيضا|أيضاً|ايضا|المزيد)\b.{0,140}+", r"(?:بیشتر بخوانید|همچنین بخوانید).{0,140}+",
        r"(?:相关|推荐|热门)(?:新闻|阅读|文章)[:：]?", r"(?:関連記事|あわせて読みたい).{0,10}+",
    ],
    "legal": [
        r"(?:©|\(c\)\s{0,3}\d{4}|copyright\s{0,3}(?:©|\(c\)|\d{4}|notice)).{0,200}+",
        r"(?:terms (?:of (?:use|service)|and conditions|& conditions)|privacy (?:policy|notice|statement)|cookies? (?:policy|settings|preferences|notice)|disclaimer|imprint|impressum)"
        r"(?:\s{0,3}[|/·•,&-]\s{0,3}[\w& ]{2,30}+| and [\w ]{2,30}+){1,8}+",
        r"cookies? (?:notice|consent|policy|information)\s{0,3}[:–—-].{1,240}+",
        r"(?:we|this (?:site|website)|[\w ]{2,40}) and (?:its|our|\d{1,4}|up to \d{1,4}) (?:\w+ )?partners\b.{0,60}\b(?:cookies|data|device|information)\b.{0,140}+",
        r"by (?:continuing|clicking|signing up|subscribing|registering|entering|browsing|using|visiting)\b.{0,80}\byou (?:agree|accept|consent|acknowledge)\b.{0,180}+",
        r"we (?:and our partners )?use cookies\b.{0,200}+", r"(?:accept|reject|allow|manage) (?:all )?cookies",
        r"this (?:site|website) uses (?:cookies|akismet)\b.{0,160}+",
        r"learn how your comment data is processed.{0,10}+", r"do not sell (?:or share )?my .{0,40}+",
        r".{0,120}\bno part (?:of .{1,60} )?may be reproduced\b.{0,80}+",
        r"(?:this material|this content) may not be (?:published|reproduced)\b.{0,160}+",
        r"(?:alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|todos os direitos reservados|tutti i diritti riservati|tüm hakları saklıdır|все права защищены|усі права захищені|جميع الحقوق محفوظة|版权所有)\b.{0,80}+",
    ],
    "advert": [
        r"advertisements?", r"advert(?:isement)?s?\s{0,3}[:–—-].{1,220}+",
        r"advertisement (?:win|buy|save|book|call|text|visit|get|order|try|enjoy|discover|shop)\b.{1,200}+",
        r"(?:betway|bet365|ladbrokes|william hill|paddy power|betfair|unibet|bwin|draftkings|fanduel|tipico|betano|[\w]{1,12}bet)\s{0,3}[:–—-].{1,200}+",
        r"(?:article|story|text|post) continues (?:below|after)(?: (?:this |the )?(?:ad|advert|advertisement)s?)?\b.{0,30}+",
        r"scroll to continue.{0,40}+",
        r"sponsored (?:content|links?|post|stories)(?: by .{1,40})?", r"promoted (?:content|stories|links)",
        r"paid (?:content|post|advertisement)", r"- ?advertis(?:ement|ing) ?-", r"\[?advertisement\]?",
        r"publicidad", r"publicité", r"werbung", r"anzeige", r"реклама", r"reklam", r"pubblicità", r"publicidade",
        r"廣告", r"广告",
    ],
    "source_line": [
        r"(?:via|source)\s{0,3}:?\s{0,3}https?://\S{3,200}",
        r"(?:this|the above) (?:article|story|report|post|page|dispatch) (?:was|has been) (?:last )?(?:amended|updated|corrected|edited|modified|translated|produced)\b.{0,200}+",
        r"(?:this (?:article|story|post) )?(?:was )?(?:first |originally )(?:published|appeared) (?:at|by|in|on)\b.{0,120}+",
        r"(?:read|view) (?:the )?original (?:article|story|post)?\b.{0,40}+",
        r"the post\b.{0,180}\bappeared first on\b.{0,80}+",
        r"(?:image|photo|picture|video|featured image) (?:credits?|sources?|courtesy(?: of)?)\s{0,3}:?.{0,80}+",
        r"(?:image|photo)s? (?:by|courtesy of|via)\b.{0,60}+",
    ],
    "byline": [
        r"\(?(?:additional |with )?reporting by\b.{3,240}",
        r"\(?(?:edited|editing|written|compiled|translated|produced) by\b(?: [\w.'’-]+){1,8}[;.)]{0,2}",
    ],
    "captcha": [
        r"(?:enter |solve |type )?(?:the |this )captcha\b.{0,40}+", r"captcha(?: code)?\s{0,3}\*?:?",
        r"(?:please )?(?:prove|confirm|verify) (?:that )?(?:you are|you['’]re) (?:a )?(?:human|not a robot|not a bot).{0,40}+",
        r"i(?: a|['’])m not a robot", r"are you (?:a )?human\?",
        r"type the (?:characters|letters|code|text)\b.{0,60}+",
        rf"(?:what is|what's|solve|answer|calculate|how much is)\s{{0,3}}:?\s{{0,3}}{_NUMBER}\s{{0,3}}[-−–+×x*÷/]\s{{0,3}}{_NUMBER}\s{{0,3}}(?:=\s{{0,3}})?\??\s{{0,3}}\*?",
        rf"{_NUMBER}\s{{0,3}}[-−–+×x*÷/]\s{{0,3}}{_NUMBER}\s{{0,3}}(?:=\s{{0,3}}[?_…]*|\?)\s{{0,3}}\*?",
        rf"{_NUMBER}\s{{0,3}}[-−–+×x*÷/]\s{{0,3}}[?_…]+\s{{0,3}}=\s{{0,3}}{_NUMBER}\s{{0,3}}\*?",
        rf"[?_…]+\s{{0,3}}[-−–+×x*÷/]\s{{0,3}}{_NUMBER}\s{{0,3}}=\s{{0,3}}{_NUMBER}\s{{0,3}}\*?",
    ],
}  # fmt: skip
_BARE: dict[str, list[str]] = {
    "comment_form": [
        r"name\s{0,3}\*?", r"e-?mail(?: address)?\s{0,3}\*?(?: \(.{0,40}\))?", r"website\s{0,3}\*?", r"url\s{0,3}\*?",
        r"comments?\s{0,3}\*?(?: \(\d+\))?", r"reply", r"submit", r"send",
        r"\d+ (?:comments?|replies|responses)", r"your (?:name|e-?mail|comment|message)\s{0,3}\*?",
        r"kommentare?(?: \(\d+\))?", r"antworten", r"commentaires?", r"répondre", r"nom\s{0,3}\*?",
        r"comentarios?", r"responder", r"nombre\s{0,3}\*?", r"comentários?", r"commenti", r"комментарии(?: \(\d+\))?",
        r"комментировать", r"ответить", r"имя\s{0,3}\*?", r"تعليقات?", r"الاسم\s{0,3}\*?", r"نظرات", r"评论", r"回复",
    ],
    "share": [rf"(?:{_SITES}|share)(?:\s{{0,3}}(?:[|/·•,:;&]\s{{0,3}})?(?:{_SITES}|share)){{0,1}}\s{{0,3}}:?", r"save", r"bookmark", r"teilen", r"partager", r"compartir", r"condividi", r"compartilhar", r"paylaş", r"поделиться", r"поширити", r"مشاركة", r"شارك", r"اشتراک‌گذاری", r"分享", r"シェア"],
    "subscribe": [r"subscribe[.!]?", r"sign (?:up|in)", r"log in", r"register", r"newsletters?", r"abonnieren", r"s['’]abonner", r"suscribirse", r"подписаться", r"اشترك", r"订阅"],
    "navigation": [
        r"home", r"menu", r"search", r"top", r"more", r"next", r"previous", r"prev", r"related\s{0,3}:?", r"trending",
        r"latest", r"archives?", r"sitemap", r"about(?: us)?", r"contact(?: us)?", r"recommended",
        r"topics?(?:\s{0,3}:.{0,120})?",
        r"in this (?:article|story)\s{0,3}:?", r"more from\b.{0,60}+", r"read (?:also|next|more|full story)\b.{0,80}+",
        r"keywords?\s{0,3}:.{0,120}+", r"read time:? .{0,20}+", r"\d+ min(?:ute)?s? read", r"listen", r"play", r"close",
        r"login", r"startseite", r"accueil", r"inicio", r"главная", r"меню", r"الرئيسية", r"首页",
        r"themen?\s{0,3}:.{0,100}+", r"schlagw[oö]rte?r?\s{0,3}:.{0,100}+", r"etiquetas\s{0,3}:.{0,100}+", r"теги\s{0,3}:.{0,100}+",
        r"الوسوم\s{0,3}:.{0,100}+",
    ],
    "legal": [r"terms(?: (?:of (?:use|service)|and conditions|& conditions))?", r"privacy(?: (?:policy|notice|statement))?", r"cookies?(?: (?:policy|settings|preferences))?", r"disclaimer", r"impressum", r"datenschutz"],
    "advert": [r"ad", r"ads", r"advert", r"sponsored", r"promoted", r"إعلان"],
    "source_line": [r"sources?(?: links?)?\s{0,3}:?", r"via", r"(?:sources?|via|with inputs? from)\s{0,3}:?(?: [\w.&'’-]+){1,6}", r"quellen?\s{0,3}:?(?: [\w.&'’/-]+){0,6}", r"fuentes?\s{0,3}:?(?: [\w.&'’/-]+){0,6}", r"fonte\s{0,3}:?(?: [\w.&'’/-]+){0,6}", r"источник\s{0,3}:?(?: [\w.&'’/-]+){0,6}", r"المصدر\s{0,3}:?(?: [\w.&'’/-]+){0,6}", r"منبع\s{0,3}:?(?: [\w.&'’/-]+){0,6}", r"来源[:：]?.{0,20}+"],
}  # fmt: skip


def _compiled(table: dict[str, list[str]]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    # Against lower-cased lines: alternatives that differ in their first letter are then skipped without being tried.
    return tuple((kind, re.compile("|".join(each))) for kind, each in table.items())


_RIGHTS = "all rights reserved"
PLAIN = _compiled(_PLAIN)
BARE = _compiled(_BARE)
# Of these, what follows to the end of the page belongs to them too: it is no article any more.
TERMINAL = frozenset({"comment_form", "captcha", "legal", "link_spam"})
LISTS = re.compile(
    r"(?:related|recommended|suggested|trending|most|popular|recent|latest|similar|you (?:may|might)|mehr zum thema"
    r"|das könnte|auch interessant|相关|推荐|热门|関連記事)\b",
    re.IGNORECASE,
)  # headings over lists of other articles' headlines


# At the very end of a page only: what sells, lists, asks and signs. The last line of an article does none of it.
_EDGE: dict[str, list[str]] = {
    "navigation": [
        r"(?:more|also|see|read|watch|listen|next|quiz|map|video|gallery|podcast|games?|live|archive|opinion|series"
        r"|try also|share|from our archive|you may like)\s{0,3}:.{1,220}+",
        r"(?:read|see|visit|browse|explore|watch|follow) (?:our|all|the|more)\b.{1,120}+",
        r"update\b.{0,40}:.{0,160}\b(?:see|follow|read) (?:our|the live)\b.{0,60}+",
        r"refresh for updates\b.{0,120}+", r"(?:all )?times (?:are|in|shown)\b.{1,80}+", r".{3,80}\b(?:appears?|is published) (?:on|every)\b.{1,120}+",
    ],
    "subscribe": [
        r"subscribers (?:get|receive|can|also|enjoy)\b.{1,220}+",
        r"(?:subscri\w+|abonne\w+|suscr\w+|abonnier\w+|donate|support us|give|sign up|register|join|download|follow)\b.{1,220}+",
        r".{1,60}\b(?:briefings?|newsletters?|digital|magazine|e-?paper)\b.{0,40}\b(?:free|for (?:just )?[$€£]|per month|a month|days?)\b.{0,120}+",
    ],
    "advert": [
        r"(?:from )?(?:our )?partners?(?: (?:content|offers?|sites?))?\s{0,3}:.{1,220}+",
        r"(?:classifieds?|to let|for sale|wanted|jobs?|holidays?|travel|offers?|sponsored|promotion)\s{0,3}:.{1,200}+",
        r".{0,160}(?:\bfrom\s?[$€£₹]\s?\d|[$€£]\s?\d[\d,.]{0,12} (?:a|per) (?:month|week|year|night)|\d{1,3}\s?% off|\bab \d{1,9} euro|\bfree (?:trial"
        r"|shipping|delivery|quote)|\bno fees?\b|credit cards? (?:welcome|accepted)|\bp\.?o\.? box\b|\bask your (?:broker|doctor|bank)"
        r"|\bwin a (?:holiday|trip|car|prize)|\bbuy .{1,40} online|minitel \d).{0,160}+",
    ],
    "comment_form": [r"(?:\d+ )?comments? \(\d+\).{0,200}+", r"(?:letters|write to|e-?mail us|contact)\s{0,3}:.{1,160}+"],
    "byline": [
        r"about the (?:author|writer)s?\b.{0,220}+",
        r".{3,60} (?:covers|has covered|reports on|has reported on|writes about)\b.{3,80}\b(?:for|from|since)\b.{0,120}+",
        r".{3,60} is (?:the|an) (?:co-)?author of\b.{0,180}+", r".{3,60} (?:is|was) (?:an?|the|our) (?:[\w-]+ ){0,3}(?:editor|writer|columnist|correspondent|contributor|reporter)\b.{0,160}+",
        r".{0,120}\bwelcomes? (?:your )?letters\b.{0,120}+", r".{0,120}\S@[\w-]{1,60}\.[\w.]{2,20}\W{0,3}",
    ],
    "legal": [r"(?:printed|published) (?:and published )?(?:by|in)\b.{1,220}+", r"reproduction (?:in|of|without)\b.{0,160}+"],
}  # fmt: skip
EDGE = _compiled(_EDGE)
_LISTED = re.compile(r"\s(?:\||//|•|·)\s")
_BETWEEN = re.compile(r"\s{1,3}[|•·›»]\s{1,3}")
_DASHED = re.compile(r"\s{1,3}[|•·›»–—-]\s{1,3}")


def menu(text: str) -> bool:
    """Whether a line is a bar of links: "Home | Asia | Opinion | Subscribe"."""
    if len(text) > MAX_CHARS:
        return False
    pieces = _BETWEEN.split(text)
    if len(pieces) > 1:
        short = sum(len(piece) <= 30 and piece.count(" ") <= 3 for piece in pieces)
        if len(pieces) >= 3 and short >= len(pieces) - (len(pieces) > 3):
            return True
    pieces = _DASHED.split(text)
    return len(pieces) >= 3 and any(plain(piece) or len(piece) > 3 and bare(piece) for piece in pieces)


_HANDLE = re.compile(
    r"[\w.-]{2,24}(?: \w{1,20})? (?:wrote|writes|says|commented)(?: (?:on|at) [^:]{3,30})?:\s|posted by ", re.IGNORECASE
)
_COUNTED = re.compile(r"(?:\d{1,6} )?comments?(?: \(\d{1,6}\))?:?|readers['’] comments:?", re.IGNORECASE)


def is_comment(text: str) -> bool:
    """Whether a line begins as a reader's comment does: "cedar05 wrote: …"."""
    return _HANDLE.match(text) is not None


def heads_comments(text: str) -> bool:
    """Whether a line is what stands over readers' comments: "12 comments"."""
    return _COUNTED.fullmatch(text) is not None


def edge(text: str) -> str:
    """The kind of junk a line would be after the end of an article; ``""`` for what may still belong to it."""
    if len(text) > MAX_CHARS or text[:1] in "\"“«‘'":
        return ""
    if _LISTED.search(text):
        return "navigation"
    return _kind(EDGE, text)


def plain(text: str) -> str:
    """The kind of junk a line is beyond doubt; ``""`` otherwise."""
    kind = _kind(PLAIN, text)
    if not kind and len(text) <= MAX_CHARS and _RIGHTS in text.lower():
        return "legal"
    return kind


def bare(text: str) -> str:
    """The kind of junk a line would be in the company of more; ``""`` otherwise."""
    return _kind(BARE, text)


def _kind(patterns: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> str:
    if len(text) > MAX_CHARS:
        return ""
    lowered = text.lower()
    for kind, pattern in patterns:
        if pattern.fullmatch(lowered):
            return kind
    return ""
