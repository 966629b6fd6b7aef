/*
 * One row for each sentence, its languages side by side.
 */
#include "http/help_words.h"

static const char *const words[][WORDS_LANGUAGES] = {
    [HELP_TITLE] = {"Mail was refused on port 25: what to set instead",
	"25番ポートでメールが送信できないとき"},
    [HELP_SKIP] = {"Skip to the text", "本文へ移動"},
    [HELP_LANGUAGE] = {"English", "日本語"},
    [HELP_LANGUAGE_SWITCH] = {"Language", "言語"},
    [HELP_CONTENTS] = {"On this page", "このページの内容"},
    [HELP_LEAD] = {"Set your mail program to <strong>port 465 or 587</strong> with "
		   "<strong>SMTP authentication</strong>. Then it sends again.",
	"メールソフトの送信用ポートを<strong>465番または587番</strong>に変更し、"
	"<strong>SMTP認証</strong>を有効にしてください。これで送信できるようになります。"},

    [HELP_WHAT] = {"What happened", "何が起きたのか"},
    [HELP_WHAT_HAPPENED] =
	{"Your mail program, or another device on your line, tried to hand mail to a mail "
	 "server "
	 "on port 25. We refuse that on many of our lines, and so the mail was not sent. This "
	 "is called Outbound Port 25 Blocking.",
	    "メールソフトまたはご利用回線の機器が、25番ポートを使ってメールを送信しようと"
	    "しました。当社では、対象となる接続サービスからのこの方法による送信を規制して"
	    "いるため、メールは送信されていません。この規制を Outbound Port 25 Blocking "
	    "といいます。"},
    [HELP_WHAT_WHY] =
	{"Spam is mostly sent by infected computers, whose owners know nothing of it. They "
	 "bring it "
	 "straight to the recipients' mail servers, and those listen on port 25. Mail programs "
	 "do not need that port: 465 and 587 were made for them, and there they say whose mail "
	 "it "
	 "is. We never block those two.",
	    "迷惑メールの多くは、ウイルスに感染したパソコンなどから、持ち主の知らないうちに、"
	    "25番ポートで相手のメールサーバへ直接送信されています。メールソフトには、利用者を"
	    "確認したうえで送信するための専用のポート(465番と587番)があります。"
	    "当社がこの2つのポートを規制することはありません。"},
    [HELP_WHAT_NOT_RECIPIENT] =
	{"<strong>It is not the recipient's fault.</strong> Their mail server has not refused "
	 "you: it was never asked.",
	    "<strong>送信先の問題ではありません。</strong>"
	    "相手のメールサーバが拒否したのではなく、そこまで届いていません。"},
    [HELP_WHAT_NOT_COMPUTER] =
	{"<strong>It need not be your computer's fault.</strong> Most often a mail program, a "
	 "printer or a camera is still set to port 25. But if nobody on your line has sent "
	 "mail, have your devices looked at: one of them may be sending without your knowing.",
	    "<strong>パソコンの異常とは限りません。</strong>"
	    "多くの場合、メールソフトや複合機、カメラなどの設定が25番ポートのままになっている"
	    "だけです。ただし、メールを送信した覚えがない場合は、ウイルスなどに感染していないか"
	    "、"
	    "ご利用の機器をご確認ください。"},
    [HELP_WHAT_ELSE] = {"<strong>Nothing else is affected:</strong> not reading mail, nor mail "
			"in a browser, nor anything else.",
	"<strong>そのほかの通信に影響はありません。</strong>"
	"メールの受信やウェブメールなどは、これまでどおりご利用いただけます。"},

    [HELP_SET] = {"What to set", "設定の変更方法"},
    [HELP_SET_OPEN] = {"In your mail program, open the settings of your account, and there "
		       "those of the outgoing server (SMTP).",
	"メールソフトのアカウント設定で、送信サーバ(SMTP)の設定を開きます。"},
    [HELP_SET_SERVER] = {"Leave the server's name as it is, or take the one that your mail "
			 "service tells you.",
	"送信サーバの名前は、現在のまま、またはご利用のメールサービスの案内に従って設定します"
	"。"},
    [HELP_SET_PORT] = {"In place of port 25, set <strong>465</strong> with SSL/TLS; if that "
		       "does not work, <strong>587</strong> with STARTTLS.",
	"ポート番号を25番から<strong>465番</strong>(SSL/TLS)に変更します。利用できない"
	"場合は<strong>587番</strong>(STARTTLS)に変更します。"},
    [HELP_SET_AUTH] = {"Switch on authentication (SMTP AUTH), with the user name and the "
		       "password of your mail account.",
	"認証(SMTP認証、SMTP AUTH)を有効にし、"
	"メールアカウントのユーザー名とパスワードを設定します。"},
    [HELP_SET_AGAIN] = {"Send the mail again.", "もう一度メールを送信します。"},
    [HELP_SET_OUR_HOST] = {"The server of our own mail service is",
	"当社のメールサービスの送信サーバ:"},
    [HELP_SET_CAPTION] = {"Ports for sending mail", "メール送信に使うポート"},
    [HELP_SET_COLUMN_PORT] = {"Port", "ポート"},
    [HELP_SET_COLUMN_TLS] = {"Encryption", "暗号化"},
    [HELP_SET_COLUMN_NOTE] = {"Note", "備考"},
    [HELP_SET_465_TLS] = {"SSL/TLS", "SSL/TLS"},
    [HELP_SET_465_NOTE] = {"first choice", "推奨"},
    [HELP_SET_587_TLS] = {"STARTTLS", "STARTTLS"},
    [HELP_SET_587_NOTE] = {"as good, where 465 is not offered", "465番が使えない場合"},
    [HELP_SET_25_TLS] = {"any", "すべて"},
    [HELP_SET_25_NOTE] = {"for mail servers among each other; refused",
	"メールサーバ間の通信用。規制の対象"},
    [HELP_SET_HOME] = {"A mail server of your own at home can not deliver on port 25 either. "
		       "Let it send all mail "
		       "by the servers of a mail service (a smarthost), on port 465 or 587 "
		       "with SMTP AUTH.",
	"ご自宅などで運用されているメールサーバも、25番ポートで直接配送することはできません。"
	"メールサービスの送信サーバ(スマートホスト)を経由し、"
	"465番または587番ポートでSMTP認証を行って送信するように設定してください。"},

    [HELP_LINE] = {"Your connection", "お客様の接続"},
    [HELP_LINE_ADDRESS] = {"Your address", "IPアドレス"},
    [HELP_LINE_PLAN_NAME] = {"Plan", "接続サービス"},
    [HELP_LINE_NO_PLAN_NAME] = {"none that we regulate",
	"規制対象の接続サービスではありません"},
    [HELP_LINE_TO_OTHER] = {"Port 25 to other mail services", "他社メール宛ての25番ポート"},
    [HELP_LINE_TO_OURS] = {"Port 25 to our mail service", "当社メール宛ての25番ポート"},
    [HELP_LINE_TO_CLASS] = {"Port 25 to", "25番ポートの送信先:"},
    [HELP_LINE_SINCE] = {"In force since", "規制の開始:"},
    [HELP_LINE_UNKNOWN] = {"We can not tell from which address you come.",
	"接続元のアドレスを確認できませんでした。"},

    [HELP_PROVIDERS] = {"Servers of mail services", "主なメールサービスの送信サーバ"},
    [HELP_PROVIDERS_INTRO] = {"What is known of other mail services. If it does not work, ask "
			      "the service: it may have changed.",
	"各社が公開している情報などをまとめたものです。変更されている場合がありますので、"
	"詳しくはご利用のメールサービスの提供元にお問い合わせください。"},
    [HELP_PROVIDERS_SEARCH] = {"Your mail address, or a part of the service's name",
	"メールアドレス、またはメールサービスの名前の一部"},
    [HELP_PROVIDERS_FIND] = {"Find", "検索"},
    [HELP_PROVIDERS_ALL] = {"Show all", "すべて表示"},
    [HELP_PROVIDERS_NONE] = {"None of the servers that we know of fits. Your mail service "
			     "knows which one to set.",
	"該当するサーバが見つかりませんでした。"
	"ご利用のメールサービスの提供元にお問い合わせください。"},
    [HELP_PROVIDERS_CAPTION] = {"Outgoing servers and their ports", "送信サーバとポート"},
    [HELP_PROVIDERS_SERVER] = {"Outgoing server (SMTP)", "送信サーバ(SMTP)"},
    [HELP_PROVIDERS_PORTS] = {"Port and encryption", "ポートと暗号化"},

    [HELP_ATTEMPTS] = {"My attempts", "送信の記録"},
    [HELP_ATTEMPTS_INTRO] = {"The last attempts on port 25 from your line. To see them, enter "
			     "the reference code of a recent refusal.",
	"ご利用の接続から25番ポートで行われた最近の送信を確認できます。"
	"規制のメッセージに表示された受付番号を入力してください。"
	"時間がたったものは表示できない場合があります。"},
    [HELP_ATTEMPTS_CODE] = {"Reference code, eight characters", "受付番号(8文字)"},
    [HELP_ATTEMPTS_SHOW] = {"Show", "表示"},
    [HELP_ATTEMPTS_NONE] =
	{"Nothing with this code is remembered of the line that you are using "
	 "now. It can only be seen from the same line.",
	    "現在お使いの接続では、この受付番号の記録が見つかりませんでした。"
	    "送信したときと同じ接続からのみ確認できます。"},
    [HELP_ATTEMPTS_CAPTION] = {"The last attempts, times in UTC",
	"最近の送信(時刻は協定世界時)"},
    [HELP_ATTEMPTS_TIME] = {"Time", "時刻"},
    [HELP_ATTEMPTS_TO] = {"Mail server", "送信先"},
    [HELP_ATTEMPTS_DEVICE] = {"Sent by", "送信した機器"},
    [HELP_ATTEMPTS_UNRECORDED] = {"not recorded", "記録なし"},
    [HELP_ATTEMPTS_COUNT] = {"Attempts of late:", "最近の送信回数:"},
    [HELP_ATTEMPTS_NAME] = {"your device called itself", "名乗った名前:"},
    [HELP_ATTEMPTS_ADDRESS] = {"from address", "送信元アドレス:"},
    [HELP_ATTEMPTS_PORT] = {"from port", "送信元ポート:"},
    [HELP_ATTEMPTS_MTA] = {"looks like a mail server", "メールサーバと思われます"},
    [HELP_ATTEMPTS_MUA] = {"looks like a mail program", "メールソフトと思われます"},
    [HELP_ATTEMPTS_APPLIANCE] = {"looks like a printer, a camera or the like",
	"複合機やカメラなどの機器と思われます"},
    [HELP_ATTEMPTS_BY_PORT] =
	{"Behind a home router, devices that send at the same time use different ranges of "
	 "ports: attempts whose port numbers are close to each other mostly come from the same "
	 "device, and numbers far apart may come from two. Many routers can list which device "
	 "is using which port.",
	    "ご家庭のルーターの内側に複数の機器がある場合、送信元ポート番号の範囲が機器ごとに"
	    "異なることがあります。番号が近い送信は同じ機器から、大きく離れた送信は別の機器から"
	    "行われた可能性があります。"
	    "ルーターの管理画面で、各機器が使用中のポートを確認できる場合もあります。"},
    [HELP_ATTEMPTS_BY_NAME] =
	{"The name is what the device says of itself. Look for it in your router's list of "
	 "devices, or in the settings of each. A program can give any name it likes.",
	    "名乗った名前は機器自身が伝えたものです。ルーターの接続機器の一覧や、"
	    "各機器の設定画面の名前と照らし合わせてください。"
	    "なお、プログラムによっては実際と異なる名前を名乗ることがあります。"},
    [HELP_ATTEMPTS_VERDICT] = {"Result", "結果"},
    [HELP_ATTEMPTS_REFERENCE] = {"Code", "受付番号"},
    [HELP_ATTEMPTS_REFUSED] = {"refused", "規制"},
    [HELP_ATTEMPTS_NOT_REFUSED] = {"not refused", "規制なし"},
    [HELP_ATTEMPTS_BOT] =
	{"At least one of these looks like a program that sends mail by itself, without "
	 "anybody "
	 "having asked it to. <strong>You have done nothing wrong,</strong> and it happens to "
	 "many. Find the device it comes from, take it off the network, check it for malware "
	 "and bring its software up to date; then change, from another device, the passwords "
	 "that were used on it.",
	    "この中には、持ち主の知らないうちに自動でメールを送信するプログラムによると"
	    "思われるものがあります。<strong>お客様に落ち度があるわけではなく、</strong>"
	    "どなたにも起こりうることです。落ち着いて、送信した機器を探してネットワークから切り"
	    "離し、"
	    "ウイルス対策ソフトによる検査とソフトウェアの更新を行ってください。"
	    "その後、その機器で使っていたパスワードを別の機器から変更してください。"},
    [HELP_ATTEMPTS_STRANGE] =
	{"These went to many different mail servers. A mail program has one outgoing server, "
	 "or a "
	 "few. If you run no mail server yourself, do not worry, but have the devices on your "
	 "line looked at for malware.",
	    "さまざまなメールサーバへの送信が行われています。通常のメールソフトが使う送信"
	    "サーバは1台から数台です。ご自身でメールサーバを運用されていない場合は、"
	    "念のため、ご利用の機器がウイルスなどに感染していないかご確認ください。"},

    [HELP_CHECK] = {"Am I affected?", "影響の有無を調べる"},
    [HELP_CHECK_INTRO] = {"Choose how you send mail.", "ご利用の環境を選択してください。"},
    [HELP_CHECK_LINE] = {"Internet connection", "インターネット接続"},
    [HELP_CHECK_LINE_MINE] = {"the one I am using now", "現在お使いの接続"},
    [HELP_CHECK_LINE_PLAN] = {"ours:", "当社:"},
    [HELP_CHECK_LINE_OTHER] = {"another provider's", "他社の接続"},
    [HELP_CHECK_FAMILY] = {"Kind of connection, for a plan chosen above",
	"接続の種類(上で当社の接続サービスを選択した場合)"},
    [HELP_CHECK_MAIL] = {"Mail service", "メールサービス"},
    [HELP_CHECK_MAIL_OURS] = {"ours", "当社のメールサービス"},
    [HELP_CHECK_MAIL_OTHER] = {"another (hosting, employer, other provider)",
	"他社(ホスティング、勤務先、他のプロバイダなど)"},
    [HELP_CHECK_MAIL_SERVER] = {"a mail server of my own on this line",
	"ご自宅などで運用しているメールサーバ"},
    [HELP_CHECK_PORT] = {"Port", "ポート"},
    [HELP_CHECK_ASK] = {"Check", "調べる"},
    [HELP_CHECK_RESULT] = {"Result", "判定"},
    [HELP_CHECK_OTHER_OTHER] = {"Neither the connection nor the mail service is ours: ask the "
				"provider of your connection.",
	"接続もメールも当社のサービスではありません。"
	"ご利用の接続サービスの提供元にお問い合わせください。"},
    [HELP_CHECK_NO_PLAN] = {"There is no such plan any more. Please choose again.",
	"該当する接続サービスがありません。もう一度選択してください。"},

    [HELP_TABLE] = {"All connections at a glance", "接続サービス別の一覧"},
    [HELP_TABLE_CAPTION] = {"What is sent and what is refused", "送信できる場合とできない場合"},
    [HELP_TABLE_LINE] = {"Line", "接続"},
    [HELP_TABLE_OURS_25] = {"Our mail, port 25", "当社メール 25番"},
    [HELP_TABLE_OTHER_25] = {"Other mail, port 25", "他社メール 25番"},
    [HELP_TABLE_SUBMISSION] = {"Ports 465, 587", "465番・587番"},

    [HELP_RECORDS] = {"What we record", "記録する情報"},
    [HELP_RECORDS_INTRO] = {"Of each connection to port 25 that comes by here we write down:",
	"規制設備を通過する25番ポートの通信について、次の情報を記録しています。"},
    [HELP_RECORDS_COUNTERS] =
	{"We only count the connections to port 25 that come by here. Whose they are, when "
	 "each of them came, and what became of it is not written down.",
	    "規制設備を通過する25番ポートの通信の件数のみを記録しています。"
	    "どなたの通信か、個々の通信の日時や規制の有無は記録していません。"},
    [HELP_RECORDS_WHEN] = {"when it began", "開始日時"},
    [HELP_RECORDS_WHO] = {"the address of your line", "お客様側のIPアドレス"},
    [HELP_RECORDS_VERDICT] =
	{"the plan, whether it was refused or let through, by which rule, how it ended, and "
	 "what kind of program it looked like",
	    "接続サービス、規制の有無および適用した規則、通信の終了理由、"
	    "送信したプログラムの種類(推定)"},
    [HELP_RECORDS_REFERENCE] = {"the reference code of eight characters that a refusal names: "
				"tell it when you ask us",
	"規制のメッセージに表示される8文字の受付番号(お問い合わせの際にお知らせください)"},
    [HELP_RECORDS_WHERE] = {"the address of the mail server, and the ports of both sides",
	"送信先メールサーバのIPアドレス、および双方のポート番号"},
    [HELP_RECORDS_AMOUNT] = {"how long it took, and how many octets went each way",
	"所要時間と、送受信したデータの量"},
    [HELP_RECORDS_GREETING] =
	{"if it was refused: the name by which your mail program or device called itself (HELO "
	 "or EHLO), which may be the name of a computer",
	    "規制した場合は、メールソフトや機器が名乗った名前"
	    "(HELOまたはEHLO。パソコンの名前が含まれることがあります)"},
    [HELP_RECORDS_DOMAINS] =
	{"if it was refused: the domain of the sender and of the first recipient, which is "
	 "what follows the @ of an address",
	    "規制した場合は、差出人および最初の宛先のドメイン(アドレスの@より後の部分)"},
    [HELP_RECORDS_SUBSCRIBER] = {"a pseudonym that stands for your contract",
	"ご契約を示す仮名(契約者を直接特定しない符号)"},
    [HELP_RECORDS_PSEUDONYM] =
	{"Where these records are passed on, a pseudonym stands in place of the address of "
	 "your line. It changes every",
	    "記録を外部へ出力するときは、お客様側のIPアドレスを仮名(符号)に置き換えています。"
	    "仮名が変わる間隔:"},
    [HELP_RECORDS_NOT] =
	{"Content, subject, sender, recipients and passwords of mail are not recorded.",
	    "メールの本文、件名、差出人、宛先、パスワードを記録することはありません。"},
    [HELP_RECORDS_NOT_WHERE] =
	{"Which mail server it went to is not recorded; nor are content, subject, sender, "
	 "recipients and passwords of mail.",
	    "送信先のメールサーバは記録していません。"
	    "メールの本文、件名、差出人、宛先、パスワードを記録することもありません。"},
    [HELP_RECORDS_NOT_ADDRESSES] =
	{"What stands before the @ of an address is not recorded; nor are content, subject and "
	 "passwords of mail.",
	    "アドレスの@より前の部分は記録していません。"
	    "メールの本文、件名、パスワードを記録することもありません。"},
    [HELP_RECORDS_KEPT] = {"How long", "保存期間"},
    [HELP_RECORDS_KEPT_LOG] = {"These records:", "上記の記録:"},
    [HELP_RECORDS_KEPT_DETAIL] = {"In our database, single connections:",
	"データベース内の個々の通信の記録:"},
    [HELP_RECORDS_KEPT_ROLLUP] = {"In our database, what a line did by the hour:",
	"データベース内の接続ごと・1時間ごとの集計:"},
    [HELP_RECORDS_KEPT_AGGREGATE] =
	{"In our database, numbers by day and plan, which name nobody:",
	    "データベース内の日・接続サービスごとの件数(個人を特定する情報なし):"},
    [HELP_RECORDS_KEPT_RECENT] =
	{"The last five connections of a line, for this page and for who helps you: in memory "
	 "alone, until others take their place or the program is started anew.",
	    "このページやお問い合わせ対応のための、各接続の直近5件の通信: "
	    "メモリ上のみ(新しい記録に置き換わるか、設備を再起動するまで)"},
    [HELP_RECORDS_DAYS] = {"days", "日間"},
    [HELP_RECORDS_HOUR] = {"hour", "時間"},
    [HELP_RECORDS_HOURS] = {"hours", "時間"},
    [HELP_RECORDS_PAGE] =
	{"Your visit to this page is not recorded by us, and sets no cookies.",
	    "このページの閲覧は記録せず、Cookieも使用しません。"},

    [HELP_CONTACT] = {"Questions", "お問い合わせ"},
    [HELP_CONTACT_ASK] = {"Ask us here", "お問い合わせ窓口"},
};
_Static_assert(sizeof words / sizeof *words == HELP_WORDS, "one row for each sentence");

const char *
help_word(enum words_language language, enum help_word word)
{
	return words[word][language];
}
