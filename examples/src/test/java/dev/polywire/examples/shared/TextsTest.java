package dev.polywire.examples.shared;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"", " \n\t\u00a0", "\u200b", "\u2060\ufeff", "\u0301", "\u3164", "\u1160\u2800", "\u202e\u202c"})
    void whatNobodySeesIsNoText(String text) {
        assertThat(Texts.visible(text)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", " -", "\u0939\u093f", "\ud83d\udc68\u200d\ud83d\udc69", "\u202e\u05d0", "\ud83e\udee9"})
    void whatOneSeesIs(String text) {
        assertThat(Texts.visible(text)).isTrue();
    }

    @Test
    void aNameCanBeSeenAndIsItsOwnId() {
        assertThat(SignIn.id("\u3164")).isNull();
        assertThat(SignIn.id("ada\u1160")).isNull();
        assertThat(SignIn.id("a--b_c.d")).isEqualTo("a--b_c.d");
        assertThat(SignIn.id("-a")).isNull();
        assertThat(SignIn.id("\u0130pek")).isEqualTo("ipek");
        assertThat(SignIn.id("\ud55c\uae00")).isEqualTo("\ud55c\uae00");
    }
}
