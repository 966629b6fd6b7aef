# shellcheck shell=bash
# Jakarta Mail's Transport; what its exception says. Compiled in memory by java(1).
# packages: libjakarta-mail-java openjdk-17-jdk-headless
# row plain: Jakarta Mail
# row auth: Jakarta Mail -auth
# row tls: Jakarta Mail -tls

program() {
    cat >/run/Send.java <<'SCRIPT'
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.Authenticator;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.util.Properties;

public class Send {
    public static void main(String[] arguments) throws Exception {
        String row = arguments[0];
        Properties properties = new Properties();
        properties.put("mail.smtp.host", arguments[1]);
        properties.put("mail.smtp.port", "25");
        properties.put("mail.smtp.timeout", "20000");
        properties.put("mail.smtp.auth", row.equals("auth") ? "true" : "false");
        properties.put("mail.smtp.starttls.required", row.equals("tls") ? "true" : "false");
        Session session = Session.getInstance(properties, new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication("sender", "secret");
            }
        });
        MimeMessage message = new MimeMessage(session);
        message.setFrom(new InternetAddress(arguments[2]));
        message.setRecipient(Message.RecipientType.TO, new InternetAddress(arguments[3]));
        message.setSubject("hello");
        message.setText("How do you do?");
        try {
            Transport.send(message);
        } catch (MessagingException exception) {
            for (Throwable cause = exception; cause != null; cause = cause.getCause())
                System.out.println(cause);
            System.exit(1);
        }
    }
}
SCRIPT
    java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp /usr/share/java/jakarta-mail.jar:/usr/share/java/jakarta-activation.jar \
        /run/Send.java "$ROW" $SERVER $SENDER $RECIPIENT
}
