# shellcheck shell=bash
# Its exception's text, as its examples print it.
# row plain: PHPMailer
# row auth: PHPMailer -auth

program() {
    php -- "$ROW" $SERVER $SENDER $RECIPIENT <<'SCRIPT'
<?php
require "libphp-phpmailer/autoload.php";

[, $row, $server, $sender, $recipient] = $argv;
$mail = new PHPMailer\PHPMailer\PHPMailer(true);
try {
    $mail->isSMTP();
    $mail->Host = $server;
    $mail->Timeout = 20;
    if ($row === "auth") {
        $mail->SMTPAuth = true;
        $mail->Username = "sender";
        $mail->Password = "secret";
    }
    $mail->setFrom($sender);
    $mail->addAddress($recipient);
    $mail->Subject = "hello";
    $mail->Body = "How do you do?";
    $mail->send();
} catch (Exception $exception) {
    echo "Message could not be sent. Mailer Error: {$mail->ErrorInfo}\n";
}
SCRIPT
}
