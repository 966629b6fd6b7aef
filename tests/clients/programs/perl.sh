# shellcheck shell=bash
# Net::SMTP of Perl itself, reported as its manual does.
# row plain: Perl Net::SMTP

program() {
    perl -MNet::SMTP -e '
        my ($server, $sender, $recipient, $message) = @ARGV;
        my $smtp = Net::SMTP->new($server, Timeout => 20) or die "cannot connect: $@\n";
        $smtp->mail($sender) && $smtp->to($recipient) && $smtp->data("hello\n")
            or die "cannot send: ", $smtp->message;
        $smtp->quit' $SERVER $SENDER $RECIPIENT $MESSAGE
}
